package webhook

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
)

const (
	// maxBody of an answer is read, in bytes: enough for a reason, and for short answers to be read to their end, without which the
	// connection can't be used again.
	maxBody = 4 << 10
	// bodyPatience bounds the wait for the body once the status has come: the status says it all.
	bodyPatience = 500 * time.Millisecond
	// maxWords of a receiver are kept as a reason, in bytes.
	maxWords = 200
)

// read gives the beginning of a body. One that does not end in time is cut off by cancel, which ends its request.
func read(body io.Reader, cancel func()) string {
	patience := time.AfterFunc(bodyPatience, cancel)
	defer patience.Stop()
	words, _ := io.ReadAll(io.LimitReader(body, maxBody)) // what has come is all that there is to say
	return string(words)
}

// verdict is what an answer means for the message: taken, to be sent again (perhaps after a pause), or undeliverable.
func verdict(resp *http.Response, words, number string, now time.Time) error {
	status := resp.StatusCode
	if status >= 200 && status <= 299 {
		return nil
	}
	err := fmt.Errorf("the webhook answered %d %s", status, http.StatusText(status))
	if said := quotable(words, number); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	if final(status) {
		return fmt.Errorf("%w: %w", err, app.ErrUndeliverable)
	}
	if pause := retryAfter(resp.Header.Get("Retry-After"), now); pause > 0 {
		return &app.PauseError{Err: err, Pause: pause}
	}
	return err
}

// final answers are about the message, and would be given to it again. A redirect is not: it is the URL that is wrong, and an operator
// puts it right.
func final(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status >= 400 && status <= 499
}

// retryAfter reads a Retry-After (RFC 9110, 10.2.3): seconds, or a date. What can't be read is as if it were not there, and no pause is
// longer than domain.LongestAsked.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return time.Duration(min(seconds, uint64(domain.LongestAsked/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), domain.LongestAsked)
	}
	return 0
}

// quotable makes a receiver's words fit for a log: one line, not long, and without the customer's number.
func quotable(words, number string) string {
	if digits := strings.TrimPrefix(number, "+"); digits != "" {
		words = strings.ReplaceAll(words, digits, "…")
	}
	words = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, words)
	words = strings.Join(strings.Fields(words), " ")
	return strings.ToValidUTF8(words[:min(len(words), maxWords)], "")
}
