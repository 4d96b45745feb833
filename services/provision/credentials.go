package provision

import (
	"errors"
	"fmt"
	"net/url"

	"mallbots.example/services/provision/internal/redisacl"
)

// The keys of the Secret <service>-credentials.
const (
	postgresURLKey = "postgres-url"
	redisURLKey    = "redis-url"
	// redisPreviousKey is there while a rotation is under way: the hash of the password that pods may still use.
	redisPreviousKey = "redis-previous-sha256"
)

// rotation says what a pass does to the passwords that are there.
type rotation int

const (
	// keep leaves them.
	keep rotation = iota
	// begin makes new ones; Redis takes the old one, too. While a rotation is under way it changes nothing: a Job that is tried again must not
	// put a third password in the place of the one that the pods have.
	begin
	// end lets go of the old one.
	end
)

// credentials are a service's passwords, as its Secret holds them.
type credentials struct {
	postgresPassword string
	redisHashes      []string
}

// want gives what the Secret of a service is to hold.
func (p *provisioner) want(service string, r rotation, have map[string][]byte) (map[string][]byte, error) {
	postgresPassword, err := passwordOf(have, postgresURLKey)
	if err != nil {
		return nil, err
	}
	redisPassword, err := passwordOf(have, redisURLKey)
	if err != nil {
		return nil, err
	}
	change := map[string][]byte{}
	_, underWay := have[redisPreviousKey]
	switch {
	case r == begin && !underWay && redisPassword != "":
		change[redisPreviousKey] = []byte(redisacl.Hash(redisPassword))
		postgresPassword, redisPassword = "", ""
	case r == end && underWay:
		change[redisPreviousKey] = nil
	}
	if postgresPassword == "" {
		postgresPassword = p.NewPassword()
	}
	if redisPassword == "" {
		redisPassword = p.NewPassword()
	}
	account := p.Settings.Prefix + service
	change[postgresURLKey] = []byte(p.postgres.account(account, postgresPassword, "/"+account))
	change[redisURLKey] = []byte(p.redis.account(account, redisPassword, p.redis.admin.Path))
	return change, nil
}

// credentialsIn reads what a Secret holds now.
func credentialsIn(data map[string][]byte) (credentials, error) {
	postgresPassword, err := passwordOf(data, postgresURLKey)
	if err != nil {
		return credentials{}, err
	}
	redisPassword, err := passwordOf(data, redisURLKey)
	if err != nil {
		return credentials{}, err
	}
	if postgresPassword == "" || redisPassword == "" {
		return credentials{}, errors.New("somebody has removed keys from it meanwhile: run this again")
	}
	c := credentials{postgresPassword: postgresPassword, redisHashes: []string{redisacl.Hash(redisPassword)}}
	if previous, ok := data[redisPreviousKey]; ok {
		c.redisHashes = append(c.redisHashes, string(previous))
	}
	return c, nil
}

// passwordOf is the password in a URL; empty if the key is not there. One that can't be read is not replaced: somebody put it there.
func passwordOf(data map[string][]byte, key string) (string, error) {
	raw, ok := data[key]
	if !ok {
		return "", nil
	}
	u, err := url.Parse(string(raw))
	if err == nil {
		if password, _ := u.User.Password(); password != "" {
			return password, nil
		}
	}
	return "", fmt.Errorf("%s is not a URL with a password: correct it, or remove the key, and a new password is made", key)
}
