// Package config reads settings from the environment, and from nowhere else.
package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Prefix of every setting. A variable with the prefix that no setting has is an error: a typo must not pass for a default.
const Prefix = "MALLBOTS_"

// fileSuffix gives a setting's value by way of a file, such as a mounted secret.
const fileSuffix = "_FILE"

// Load fills each target, a pointer to a struct with `env:"MALLBOTS_…" envDefault:"…"` tags, from environ (as os.Environ gives it). The
// value of a setting X may also stand in the file that X_FILE names. Errors name the variable, never its value: it may be a secret.
func Load(environ []string, targets ...any) error {
	known := map[string]string{} // variable by field
	for _, target := range targets {
		fields, err := env.GetFieldParams(target)
		if err != nil {
			return err
		}
		for _, field := range fields {
			known[field.Key] = field.Key
		}
	}
	values, err := collect(environ, known)
	if err != nil {
		return err
	}
	for _, target := range targets {
		if err := env.ParseWithOptions(target, env.Options{Environment: values}); err != nil {
			return explain(err, target)
		}
	}
	return nil
}

// collect reads the settings that environ holds, files included.
func collect(environ []string, known map[string]string) (map[string]string, error) {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, Prefix) {
			continue
		}
		if _, ok := known[name]; ok {
			if _, twice := values[name]; twice {
				return nil, fmt.Errorf("%s and %s%s are both set: keep one", name, name, fileSuffix)
			}
			values[name] = value
			continue
		}
		setting, isFile := strings.CutSuffix(name, fileSuffix)
		if _, ok := known[setting]; !isFile || !ok {
			return nil, fmt.Errorf("%s is not a setting; known are %s", name, strings.Join(names(known), ", "))
		}
		if _, twice := values[setting]; twice {
			return nil, fmt.Errorf("%s and %s are both set: keep one", setting, name)
		}
		content, err := os.ReadFile(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values[setting] = strings.TrimSpace(string(content))
	}
	return values, nil
}

func names(known map[string]string) []string {
	all := make([]string, 0, len(known))
	for name := range known {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// explain names the variable that can't be read instead of the Go field.
func explain(err error, target any) error {
	var parse env.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	if field, ok := reflect.TypeOf(target).Elem().FieldByName(parse.Name); ok {
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		return fmt.Errorf("%s can't be read as %s", name, parse.Type)
	}
	return fmt.Errorf("the setting for %s can't be read as %s", parse.Name, parse.Type)
}
