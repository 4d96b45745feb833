package provision

import (
	"fmt"
	"net/url"

	"mallbots.example/services/provision/internal/redisacl"
)

// The Secrets of the servers in the cluster, and their keys. The pods of Postgres and Redis mount them.
const (
	postgresAdminSecret = "postgres-admin"
	redisAdminSecret    = "redis-admin"
	redisACLSecret      = "redis-acl"

	usernameKey = "username"
	passwordKey = "password"
	aclKey      = "users.acl"
)

// server is a server as its administrator connects to it.
type server struct {
	admin  *url.URL
	own    bool   // in the cluster, with its administrator in a Secret of ours
	wayOut string // when the administrator is refused
}

// account is the URL by which a user connects, with the parameters of the administrator's.
func (s server) account(user, password, path string) string {
	u := *s.admin
	u.User, u.Path, u.RawPath = url.UserPassword(user, password), path, ""
	return u.String()
}

// ownPostgres is the one in the cluster. It speaks no TLS: what is between the pods is for a network policy or a mesh to keep.
func ownPostgres(host, username, password string) server {
	return server{
		admin: &url.URL{
			Scheme: "postgres", Host: host, Path: "/postgres", User: url.UserPassword(username, password), RawQuery: "sslmode=disable",
		},
		own: true,
		wayOut: "its data was made with another password than the one in the Secret " + postgresAdminSecret +
			": put that one into the Secret, or ALTER ROLE within the pod",
	}
}

func ownRedis(host, username, password string) server {
	return server{
		admin: &url.URL{Scheme: "redis", Host: host, Path: "/0", User: url.UserPassword(username, password)}, own: true,
		wayOut: "it runs with another ACL file than the one in the Secret " + redisACLSecret + ": restart its pod and run this again",
	}
}

// external is a server elsewhere, by a setting that was validated.
func external(setting, rawURL string) (server, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return server{}, fmt.Errorf("%s is not a URL", setting)
	}
	return server{admin: u, wayOut: "correct the user or the password in " + setting}, nil
}

// aclFile is the Secret with the users of the Redis in the cluster.
func aclFile(admin *url.URL, users []redisacl.User) map[string][]byte {
	password, _ := admin.User.Password()
	return map[string][]byte{aclKey: redisacl.File(admin.User.Username(), redisacl.Hash(password), users)}
}
