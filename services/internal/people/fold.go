package people

import (
	"strings"
	"unicode"
)

// Fold is the form in which names are compared where small and capital letters are the same. It is made here, and stored in columns of its
// own, because databases do not agree on it: lower() of SQLite knows the letters of English only. By way of capitals, since some small
// letters (final sigma, long s) have theirs in common with another. What is not printed becomes a space, which makes such characters
// free to separate names that are stored together.
func Fold(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, text)
}
