// Command bots runs a robot fleet as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/bots"
)

func main() { service.Main(bots.Service()) }
