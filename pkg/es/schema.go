package es

import (
	"embed"
	"io/fs"

	"mallbots.example/pkg/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema makes the tables events and snapshots. A service that has repositories migrates it beside its own.
var Schema = store.Schema{Name: "es", Migrations: sub(migrations, "migrations")}

func sub(files embed.FS, dir string) fs.FS {
	within, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // only for an invalid path
	}
	return within
}
