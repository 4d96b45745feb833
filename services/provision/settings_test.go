package provision

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/config"
)

func TestSettingsHaveTheDefaultsOfTheCluster(t *testing.T) {
	var s Settings
	require.NoError(t, config.Load(nil, &s))
	require.NoError(t, s.Validate([]string{"stores"}))
	require.Equal(t, Settings{PostgresHost: "postgres:5432", RedisHost: "redis:6379", Timeout: 5 * time.Minute}, s)
}

func TestASettingThatCannotBeRightIsNamedWithoutItsPassword(t *testing.T) {
	for setting, says := range map[string]string{
		"MALLBOTS_POSTGRES_HOST=postgres":                                          "MALLBOTS_POSTGRES_HOST must be host:port",
		"MALLBOTS_REDIS_HOST=:6379":                                                "MALLBOTS_REDIS_HOST must be host:port",
		"MALLBOTS_POSTGRES_ADMIN_URL=mysql://u:hunter2@h/d":                        "MALLBOTS_POSTGRES_ADMIN_URL is not of the form postgres://",
		"MALLBOTS_POSTGRES_ADMIN_URL=postgres://h/postgres":                        "MALLBOTS_POSTGRES_ADMIN_URL is not of the form postgres://user:password@",
		"MALLBOTS_POSTGRES_ADMIN_URL=postgres://u:hunter2@h:x/d":                   "MALLBOTS_POSTGRES_ADMIN_URL is not of the form",
		"MALLBOTS_POSTGRES_ADMIN_URL=postgres://u@h/d?password=hunter2":            "MALLBOTS_POSTGRES_ADMIN_URL has the parameter password: say it before the question mark",
		"MALLBOTS_POSTGRES_ADMIN_URL=postgres://u:hunter2@h/d?sslmode=verry":       "MALLBOTS_POSTGRES_ADMIN_URL has parameters that can't be read",
		"MALLBOTS_POSTGRES_ADMIN_URL=postgres://u:hunter2@h/d?sslrootcert=/nosuch": "MALLBOTS_POSTGRES_ADMIN_URL has parameters that can't be read",
		"MALLBOTS_REDIS_ADMIN_URL=http://u:hunter2@h":                              "MALLBOTS_REDIS_ADMIN_URL is not of the form redis://",
		"MALLBOTS_REDIS_ADMIN_URL=redis://u:hunter2@h/x":                           "MALLBOTS_REDIS_ADMIN_URL has a database or parameters that can't be read",
		"MALLBOTS_PROVISION_ROTATE=stores,stroes":                                  `MALLBOTS_PROVISION_ROTATE: "stroes" is no service with a database; known are stores and all`,
		"MALLBOTS_PROVISION_PREFIX=Staging-":                                       "MALLBOTS_PROVISION_PREFIX must be at most 30 small letters",
		"MALLBOTS_PROVISION_TIMEOUT=0s":                                            "MALLBOTS_PROVISION_TIMEOUT must be positive",
	} {
		var s Settings
		require.NoError(t, config.Load([]string{setting}, &s), setting)
		err := s.Validate([]string{"stores"})
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestRotationIsAskedForByNameOrForAll(t *testing.T) {
	s := Settings{Rotate: []string{"stores"}}
	require.True(t, s.rotates("stores"))
	require.False(t, s.rotates("payments"))
	s.Rotate = []string{everyService}
	require.True(t, s.rotates("payments"))
}
