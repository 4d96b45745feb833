package processes

import (
	"context"

	"github.com/jackc/pgx/v5"

	"mallbots.example/pkg/store"
)

// The services own their databases; these are made for them and dropped after them, and nothing is read or written in between.

func (m *Mall) databaseURL(name string) string {
	u := *m.postgres
	u.Path = "/" + m.prefix + name
	return u.String()
}

func (m *Mall) makeDatabase(name string) {
	m.t.Helper()
	if err := store.EnsureDatabase(m.t.Context(), m.databaseURL(name)); err != nil {
		m.t.Fatalf("the database of %s: %v", name, err)
	}
}

func (m *Mall) dropDatabases() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, m.postgres.String())
	if err != nil {
		m.t.Errorf("dropping the databases: %v", err)
		return
	}
	defer conn.Close(ctx)
	for name, database := range names {
		if !database {
			continue
		}
		if _, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+pgx.Identifier{m.prefix + name}.Sanitize()+` WITH (FORCE)`); err != nil {
			m.t.Errorf("dropping the database of %s: %v", name, err)
		}
	}
}
