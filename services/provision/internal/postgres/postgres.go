// Package postgres gives each service a database that only it can connect to.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mallbots.example/pkg/store"
	"mallbots.example/services/provision/internal/patience"
)

const (
	// connectionLimit of a service's role. pkg/store opens at most 8 in a pod, and one more for migrations: four pods, and one while they
	// are replaced. A service that runs away can't take the connections of the others.
	connectionLimit = 45
	// insufficientPrivilege is a code of Postgres (appendix A of its manual).
	insufficientPrivilege = "42501"
	// lockKey makes runs at the same time wait for each other: Postgres would fail one of two that change a role at once. Any number does
	// that nobody else uses.
	lockKey = 0x6d616c6c626f7473 // "mallbots"
)

// refusals are the classes of errors by which Postgres says that waiting does not help: a wrong password, a missing right, an unknown database.
var refusals = []string{"28", "42", "3D"}

// Account is the role of a service and the password that it is to have. The database has the same name.
type Account struct{ Name, Password string }

// Connect connects an administrator; patience.Wait if the server is not there yet. wayOut is for people, when the password is refused.
func Connect(ctx context.Context, adminURL, wayOut string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(adminURL)
	if err != nil { // its text may hold the URL
		return nil, errors.New("the URL of the administrator is not of the form postgres://user:password@host:port/postgres")
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err == nil {
		return conn, nil
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) && slices.Contains(refusals, answer.Code[:2]) {
		return nil, fmt.Errorf("the administrator is refused (%s); %s", answer.Message, wayOut)
	}
	return nil, patience.Wait(err)
}

// Accounts makes roles and databases, in the order in which they are given. salts is a source of random bytes.
func Accounts(ctx context.Context, admin *pgx.Conn, accounts []Account, salts io.Reader, log *slog.Logger) error {
	if _, err := admin.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(lockKey)); err != nil {
		return failed("waiting for another run", err)
	}
	defer func() { // the end of the connection releases it, too
		_, _ = admin.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(lockKey))
	}()
	for _, account := range accounts {
		if err := role(ctx, admin, account, salts, log); err != nil {
			return failed("role "+account.Name, err)
		}
		if err := database(ctx, admin, account.Name, log); err != nil {
			return failed("database "+account.Name, err)
		}
	}
	return closeShared(ctx, admin, accounts, log)
}

func role(ctx context.Context, admin *pgx.Conn, account Account, salts io.Reader, log *slog.Logger) error {
	var exists, tooMuch bool
	err := admin.QueryRow(ctx, `SELECT true, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = $1`,
		account.Name).Scan(&exists, &tooMuch)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if tooMuch {
		return errors.New("it may do more than a service may, so it is somebody else's: rename it, or drop it and run this again")
	}
	salt := make([]byte, scramSaltLength)
	if _, err := io.ReadFull(salts, salt); err != nil {
		return err
	}
	password, err := Verifier(account.Password, salt)
	if err != nil {
		return err
	}
	name := pgx.Identifier{account.Name}.Sanitize()
	if !exists {
		if _, err := admin.Exec(ctx, `CREATE ROLE `+name+` NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION`); err != nil {
			return err
		}
		log.InfoContext(ctx, "made", "postgres role", account.Name)
	}
	// Each time: whatever was changed by hand, the Secret says what the password is. A verifier has no quotes.
	_, err = admin.Exec(ctx, fmt.Sprintf(`ALTER ROLE %s LOGIN CONNECTION LIMIT %d PASSWORD '%s'`, name, connectionLimit, password))
	if err == nil {
		log.InfoContext(ctx, "set", "postgres role", account.Name)
	}
	return err
}

func database(ctx context.Context, admin *pgx.Conn, owner string, log *slog.Logger) error {
	name := pgx.Identifier{owner}.Sanitize()
	var super, exists, owned bool
	err := admin.QueryRow(ctx, `SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
		EXISTS (SELECT FROM pg_database WHERE datname = $1),
		EXISTS (SELECT FROM pg_database WHERE datname = $1 AND pg_get_userbyid(datdba) = $1)`, owner).Scan(&super, &exists, &owned)
	if err != nil {
		return err
	}
	if !super { // the administrator of a rented server must belong to a role to make something its own
		if _, err := admin.Exec(ctx, `GRANT `+name+` TO CURRENT_USER`); err != nil {
			return err
		}
	}
	switch {
	case !exists:
		if _, err := admin.Exec(ctx, `CREATE DATABASE `+name+` OWNER `+name); err != nil {
			return err
		}
		log.InfoContext(ctx, "made", "postgres database", owner)
	case !owned:
		return errors.New("it belongs to another role: " +
			"ALTER DATABASE … OWNER TO the service and REASSIGN OWNED of what is in it, or drop it, and run this again")
	default:
		log.InfoContext(ctx, "kept", "postgres database", owner)
	}
	_, err = admin.Exec(ctx, `REVOKE ALL ON DATABASE `+name+` FROM PUBLIC`)
	return err
}

// closeShared closes the databases that come with a server: to everybody who is not named, as those of the services are.
func closeShared(ctx context.Context, admin *pgx.Conn, accounts []Account, log *slog.Logger) error {
	for _, shared := range []string{"postgres", "template1"} {
		_, err := admin.Exec(ctx, `REVOKE CONNECT ON DATABASE `+shared+` FROM PUBLIC`)
		var answer *pgconn.PgError
		if err != nil && (!errors.As(err, &answer) || answer.Code != insufficientPrivilege) {
			return failed("closing the database "+shared, err)
		}
		for _, account := range accounts {
			var open bool
			if err := admin.QueryRow(ctx, `SELECT has_database_privilege($1, $2, 'CONNECT')`, account.Name, shared).Scan(&open); err != nil {
				return failed("closing the database "+shared, err)
			}
			if open { // on a rented server it may not be the administrator's to revoke
				log.WarnContext(ctx, "services can connect to a shared database, because it does not belong to the administrator",
					"postgres database", shared)
				break
			}
		}
	}
	return nil
}

func failed(what string, err error) error {
	err = fmt.Errorf("%s: %w", what, err)
	if store.Unavailable(err) {
		return patience.Wait(err)
	}
	return err
}
