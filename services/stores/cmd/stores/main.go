// Command stores runs the stores service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/stores"
)

func main() { service.Main(stores.Service()) }
