package redisacl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"mallbots.example/services/provision/internal/patience"
)

// refusals by which Redis says that waiting does not help.
var refusals = []string{"WRONGPASS", "NOAUTH", "NOPERM"}

// Connected reports whether an administrator can work with the server; patience.Wait if it is not there yet.
func Connected(ctx context.Context, admin *redis.Client, wayOut string) error {
	err := admin.Ping(ctx).Err()
	if err == nil {
		return nil
	}
	if slices.ContainsFunc(refusals, func(code string) bool { return redis.HasErrorPrefix(err, code) }) {
		return fmt.Errorf("the administrator is refused; %s: %w", wayOut, err)
	}
	return patience.Wait(reason(err))
}

// Apply gives the users their rights on the running server, at once and without breaking a connection. Users that are not named stay as they
// are.
func Apply(ctx context.Context, admin *redis.Client, users []User, log *slog.Logger) error {
	for _, user := range users {
		// reset first: what an earlier version of this program allowed is not allowed for ever. One command, so there is no moment between.
		if err := admin.ACLSetUser(ctx, user.Name, append([]string{"reset"}, user.rules()...)...).Err(); err != nil {
			return failed(fmt.Sprintf("the rights of user %s (Redis 7.0 or newer is needed)", user.Name), err)
		}
		log.InfoContext(ctx, "set", "redis user", user.Name, "passwords", len(user.Hashes), "sends to", len(user.Sends), "receives from", len(user.Receives))
	}
	return nil
}

// Save has the server write its users into its ACL file. One without such a file, or that saves them by other means, is left as it is.
func Save(ctx context.Context, admin *redis.Client, log *slog.Logger) error {
	err := admin.Do(ctx, "acl", "save").Err()
	switch {
	case err == nil:
		log.InfoContext(ctx, "saved", "redis", "users")
	case transient(err):
		return failed("ACL SAVE", err)
	default:
		log.WarnContext(ctx, "Redis does not save its users: if it forgets them when it is started anew, run this again", "reason", err.Error())
	}
	return nil
}

func failed(what string, err error) error {
	if transient(err) {
		return patience.Wait(fmt.Errorf("%s: %w", what, reason(err)))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// transient reports whether the server, and not what was asked of it, is at fault.
func transient(err error) bool {
	var answer redis.Error
	return !errors.As(err, &answer) || strings.HasPrefix(err.Error(), "LOADING")
}

// reason is the part of a network error that tells something.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	return err
}
