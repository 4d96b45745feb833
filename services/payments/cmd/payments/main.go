// Command payments runs the payments service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/payments"
)

func main() { service.Main(payments.Service()) }
