// Command search runs the search service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/search"
)

func main() { service.Main(search.Service()) }
