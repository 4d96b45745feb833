// Command ordering runs the ordering service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/ordering"
)

func main() { service.Main(ordering.Service()) }
