// Command depot runs the depot service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/depot"
)

func main() { service.Main(depot.Service()) }
