// Command gateway runs the edge of the mall as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway"
)

func main() { service.Main(gateway.Service()) }
