package account

import "strings"

// short is the name of an enum's value for people: "ORDER_STATUS_READY" is "ready".
func short(name, prefix string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, prefix), "_", " "))
}
