package provision

import (
	"maps"
	"slices"

	"mallbots.example/pkg/service"
	"mallbots.example/services/internal/asyncapi"
	"mallbots.example/services/mallbots/mall"
)

// need is what a service is to be given: a database of its name, and its streams.
type need struct {
	Service         string
	Sends, Receives []string
}

// needsOfTheMall asks the services themselves, so that a new stream needs no change here.
func needsOfTheMall() ([]need, error) {
	services := mall.Services()
	if _, err := service.LoadConfig(nil, services...); err != nil { // they are built with their default settings
		return nil, err
	}
	return needsOf(services)
}

// needsOf builds the services, which does no I/O. Those without tables need nothing.
func needsOf(services []service.Service) ([]need, error) {
	streams, err := asyncapi.Streams(services)
	if err != nil {
		return nil, err
	}
	var needs []need
	for _, s := range services {
		if len(s.Schemas) == 0 {
			continue
		}
		n := need{Service: s.Name}
		for _, topic := range slices.Sorted(maps.Keys(streams)) {
			stream := streams[topic]
			if slices.Contains(stream.Senders, s.Name) {
				n.Sends = append(n.Sends, topic)
			}
			if _, ok := stream.Receivers[s.Name]; ok {
				n.Receives = append(n.Receives, topic)
			}
		}
		needs = append(needs, n)
	}
	return needs, nil
}

func names(needs []need) []string {
	all := make([]string, len(needs))
	for i, n := range needs {
		all[i] = n.Service
	}
	return all
}
