package features_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// untold are the refusals of the contracts that no scenario tells for certain, and why.
var untold = map[refusal]string{
	{"CheckoutBasket", "CURRENCY_MISMATCH"}: "payments and prices are in the currency of the mall, or refused themselves",
	{"PayInvoice", "PAYMENT_NOT_CONFIRMED"}: "a guard of payments: an order whose payment is given back has no invoice, or a canceled one",
	{"RebuildOrders", "REBUILD_RUNNING"}:    "two rebuilds must meet; in a mall of scenarios one takes milliseconds",
}

// reasonRow is a row of the table of reasons: the reason, its code, its meaning and who gives it.
var reasonRow = regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| [A-Z_]+ \\| [^|]+ \\| ([^|]*) \\|$")

// documented are the refusals that the contracts name, of RPCs: the README of the API has them all, and its tests see to that. What every
// service gives is told for some of them.
func documented(t *testing.T) map[refusal]bool {
	t.Helper()
	text, err := os.ReadFile("../api/README.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[refusal]bool{}
	for _, row := range reasonRow.FindAllStringSubmatch(string(text), -1) {
		for rpc := range strings.SplitSeq(row[2], ", ") {
			if rpc != "every service" && !strings.HasSuffix(rpc, "(command)") {
				all[refusal{rpc: rpc, reason: row[1]}] = true
			}
		}
	}
	return all
}

// checkEveryRefusalIsTold finds the rules that no scenario breaks: each RPC must have been refused for each reason of its contract.
func checkEveryRefusalIsTold(t *testing.T, seen *recorder) {
	t.Helper()
	all := documented(t)
	if len(all) < 80 {
		t.Errorf("the contracts name %d refusals only: the table was not read", len(all))
	}
	for refused := range all {
		if !seen.refused[refused] && untold[refused] == "" {
			t.Errorf("in no scenario is %s refused because of %s", refused.rpc, refused.reason)
		}
	}
	for refused := range untold {
		if !all[refused] {
			t.Errorf("no contract says any more that %s is refused because of %s", refused.rpc, refused.reason)
		}
	}
}
