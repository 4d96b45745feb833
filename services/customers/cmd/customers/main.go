// Command customers runs the customers service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/customers"
)

func main() { service.Main(customers.Service()) }
