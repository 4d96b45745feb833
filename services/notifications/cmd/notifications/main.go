// Command notifications runs the notifications service as a process of its own.
package main

import (
	"mallbots.example/pkg/service"
	"mallbots.example/services/notifications"
)

func main() { service.Main(notifications.Service()) }
