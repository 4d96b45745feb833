package orderlog

import (
	"container/heap"
	"time"
)

// Merger puts lines that come from many logs in the order of time: it holds each line back for a while, in case an older one is still on
// its way. It holds a bounded number of lines; when it is full, the oldest goes out early. It is not safe for concurrent use.
type Merger struct {
	hold time.Duration
	size int
	held lines
}

// NewMerger holds each line back for hold, and at most size lines.
func NewMerger(hold time.Duration, size int) *Merger { return &Merger{hold: hold, size: size} }

// Add takes a line that arrived at now, and gives what must go out because there is no more room.
func (m *Merger) Add(line Line, now time.Time) (out []Line) {
	heap.Push(&m.held, arrived{Line: line, at: now})
	for len(m.held) > m.size {
		out = append(out, m.pop())
	}
	return out
}

// Due gives the lines that have been held back for long enough by now, and with each the older ones that came later.
func (m *Merger) Due(now time.Time) (out []Line) {
	due := 0
	for _, line := range m.held {
		if now.Sub(line.at) >= m.hold {
			due++
		}
	}
	for due > 0 {
		if now.Sub(m.held[0].at) >= m.hold {
			due--
		}
		out = append(out, m.pop())
	}
	return out
}

// Rest gives all that is held, by time.
func (m *Merger) Rest() (out []Line) {
	for len(m.held) > 0 {
		out = append(out, m.pop())
	}
	return out
}

func (m *Merger) pop() Line { return heap.Pop(&m.held).(arrived).Line }

// arrived is a line and when it came.
type arrived struct {
	Line
	at time.Time
}

// lines is a heap, the oldest on top.
type lines []arrived

// Len implements heap.Interface.
func (l lines) Len() int { return len(l) }

// Less implements heap.Interface.
func (l lines) Less(i, j int) bool { return byTime(l[i].Line, l[j].Line) < 0 }

// Swap implements heap.Interface.
func (l lines) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

// Push implements heap.Interface.
func (l *lines) Push(line any) { *l = append(*l, line.(arrived)) }

// Pop implements heap.Interface.
func (l *lines) Pop() any {
	last := len(*l) - 1
	line := (*l)[last]
	*l = (*l)[:last]
	return line
}
