package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/config"
)

type settings struct {
	Addr         string            `env:"MALLBOTS_ADDR" envDefault:":9000"`
	URL          string            `env:"MALLBOTS_URL"`
	DrainTimeout time.Duration     `env:"MALLBOTS_DRAIN_TIMEOUT" envDefault:"8s"`
	Peers        map[string]string `env:"MALLBOTS_PEERS" envKeyValSeparator:"="`
}

type more struct {
	Count int `env:"MALLBOTS_ROBOTS" envDefault:"2"`
}

func TestLoadReadsSettingsAndDefaults(t *testing.T) {
	var s settings
	var m more
	require.NoError(t, config.Load([]string{"PATH=/bin", "MALLBOTS_PEERS=a=127.0.0.1:1,b=127.0.0.1:2", "MALLBOTS_ROBOTS=7"}, &s, &m))
	require.Equal(t, settings{
		Addr: ":9000", DrainTimeout: 8 * time.Second, Peers: map[string]string{"a": "127.0.0.1:1", "b": "127.0.0.1:2"},
	}, s)
	require.Equal(t, 7, m.Count)
}

func TestASettingMayStandInAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "url")
	require.NoError(t, os.WriteFile(file, []byte("postgres://x\n"), 0o600))
	var s settings
	require.NoError(t, config.Load([]string{"MALLBOTS_URL_FILE=" + file}, &s))
	require.Equal(t, "postgres://x", s.URL)
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		environ []string
		says    string
	}{
		"unknown variable": {[]string{"MALLBOTS_POTSGRES_URL=x"}, "MALLBOTS_POTSGRES_URL is not a setting; known are MALLBOTS_ADDR, "},
		"unknown file":     {[]string{"MALLBOTS_X_FILE=x"}, "MALLBOTS_X_FILE is not a setting"},
		"bad duration":     {[]string{"MALLBOTS_DRAIN_TIMEOUT=hunter2"}, "MALLBOTS_DRAIN_TIMEOUT can't be read as time.Duration"},
		"bad number":       {[]string{"MALLBOTS_ROBOTS=hunter2"}, "MALLBOTS_ROBOTS can't be read as int"},
		"missing file":     {[]string{"MALLBOTS_URL_FILE=/nosuch"}, "MALLBOTS_URL_FILE: open /nosuch"},
		"value and file":   {[]string{"MALLBOTS_URL=a", "MALLBOTS_URL_FILE=b"}, "MALLBOTS_URL and MALLBOTS_URL_FILE are both set"},
		"file and value":   {[]string{"MALLBOTS_URL_FILE=" + os.DevNull, "MALLBOTS_URL=a"}, "are both set"},
	} {
		t.Run(name, func(t *testing.T) {
			var s settings
			var m more
			err := config.Load(test.environ, &s, &m)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}
