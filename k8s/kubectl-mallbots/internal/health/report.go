package health

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// services are the parts of a mall, in the order in which they are shown. One that is not deployed is a problem.
var services = []string{"stores", "customers", "baskets", "ordering", "depot", "payments", "notifications", "search", "cosec", gateway}

// gateway is the one of them that has no database, and no figures to tell.
const gateway = "gateway"

// Service is how one service does: a row of the report.
type Service struct {
	Name    string `json:"name"`
	Ready   int32  `json:"ready"`
	Wanted  int32  `json:"wanted"`
	Version string `json:"version"` // several, while one release replaces another
	Figures
}

// Pod is what one pod has told, or why it has not.
type Pod struct {
	Name, Service, Version string
	Asked                  bool // it is ready and has figures to tell
	Figures                Figures
	Err                    error
}

// Replicas are how many pods of a service there are to be, and how many are ready.
type Replicas struct {
	Service       string
	Wanted, Ready int32
}

// Report is how a mall does.
type Report struct {
	Namespace string    `json:"namespace"`
	Well      bool      `json:"well"`
	Problems  []string  `json:"problems"`
	Services  []Service `json:"services"`
}

// Judge makes the report. Messages may wait for as long as patience, which is normal under load, before that counts as a problem.
func Judge(namespace string, replicas []Replicas, pods []Pod, patience time.Duration) Report {
	report := Report{Namespace: namespace, Problems: []string{}, Services: []Service{}}
	var silent []string
	for _, r := range replicas {
		service := Service{Name: r.Service, Ready: r.Ready, Wanted: r.Wanted}
		told := false
		var versions []string
		for _, pod := range pods {
			if pod.Service != r.Service {
				continue
			}
			if pod.Version != "" && !slices.Contains(versions, pod.Version) {
				versions = append(versions, pod.Version)
			}
			if pod.Asked && pod.Err == nil {
				service.Figures = service.Join(pod.Figures)
				told = true
			}
		}
		if told && !service.complete() {
			silent = append(silent, r.Service+": some of its figures are missing")
		}
		slices.Sort(versions)
		service.Version = strings.Join(versions, ",")
		report.Services = append(report.Services, service)
	}
	slices.SortFunc(report.Services, func(a, b Service) int { return cmp.Compare(place(a.Name), place(b.Name)) })
	for _, service := range report.Services {
		report.Problems = append(report.Problems, service.problems(patience)...)
	}
	report.Problems = append(report.Problems, silent...)
	for _, pod := range pods {
		if pod.Err != nil {
			report.Problems = append(report.Problems, fmt.Sprintf("%s: the metrics of %s can't be read: %v", pod.Service, pod.Name, pod.Err))
		}
	}
	for _, name := range services {
		if !slices.ContainsFunc(replicas, func(r Replicas) bool { return r.Service == name }) {
			report.Problems = append(report.Problems, name+": not deployed")
		}
	}
	report.Well = len(report.Problems) == 0
	return report
}

// place orders the services as an order meets them; others come last, by name.
func place(name string) string {
	if i := slices.Index(services, name); i >= 0 {
		return fmt.Sprintf("%02d", i)
	}
	return "99" + name
}

// complete reports whether a service has told all that one of its kind knows: a figure that is missing is not 0.
func (s Service) complete() bool {
	if !slices.Contains(services, s.Name) || s.Name == gateway {
		return true
	}
	return s.Waiting != nil && s.Unsent != nil && s.Deferred != nil && s.Dead != nil && (s.Name != "cosec" || s.Sagas != nil)
}

func (s Service) problems(patience time.Duration) (problems []string) {
	tell := func(format string, args ...any) {
		problems = append(problems, s.Name+": "+fmt.Sprintf(format, args...))
	}
	switch {
	case s.Wanted == 0:
		tell("scaled to no replicas")
	case s.Ready < s.Wanted:
		tell("%d of %d replicas ready", s.Ready, s.Wanted)
	}
	late := func(age float64) bool { return age > patience.Seconds() }
	since := func(age float64) time.Duration { return time.Duration(age) * time.Second }
	if late(s.WaitingAge) {
		tell("messages wait for %v in its streams", since(s.WaitingAge))
	}
	if late(s.UnsentAge) {
		tell("messages wait for %v in its outbox", since(s.UnsentAge))
	}
	if late(s.DeferredAge) {
		tell("messages have failed for %v and are tried again", since(s.DeferredAge))
	}
	if n := number(s.Dead); n > 0 {
		tell("dead letters: %d", n)
	}
	if n := number(s.Overdue); n > 0 {
		tell("sagas overdue: %d", n)
	}
	return problems
}

func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
