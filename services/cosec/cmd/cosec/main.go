// Command cosec runs the saga execution coordinator as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/cosec"
)

func main() { service.Main(cosec.Service()) }
