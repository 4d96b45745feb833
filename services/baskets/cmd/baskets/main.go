// Command baskets runs the baskets service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/baskets"
)

func main() { service.Main(baskets.Service()) }
