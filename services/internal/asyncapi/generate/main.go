// Command generate writes the AsyncAPI document of the mall into the folder of the contracts that it is given.
package main

import (
	"errors"
	"os"
	"path/filepath"

	"mallbots.example/pkg/service"
	"mallbots.example/services/internal/asyncapi"
	"mallbots.example/services/mallbots/mall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		service.Fail(err)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: generate <folder of the contracts>")
	}
	services := mall.Services()
	if _, err := service.LoadConfig(nil, services...); err != nil { // services are built with their default settings
		return err
	}
	document, err := asyncapi.Generate(services, os.DirFS(args[0]))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(args[0], asyncapi.File), document, 0o644)
}
