package store

import (
	"context"
	"fmt"
	"strings"

	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/search/internal/domain"
)

// Search implements app.Orders. Only the filters that are set are in the query, so that the database can choose the index that fits.
func (Orders) Search(ctx context.Context, tx *store.Tx, f domain.Filter, after domain.Place, limit int) ([]domain.Found, error) {
	q := query{text: found}
	if f.CustomerID != "" {
		q.and(`o.customer_id = %s`, f.CustomerID)
	}
	if f.CreatedAfter != nil {
		q.and(`o.created_at >= %s`, *f.CreatedAfter)
	}
	if f.CreatedBefore != nil {
		q.and(`o.created_at < %s`, *f.CreatedBefore)
	}
	if len(f.StoreIDs) > 0 {
		q.and(withItem+`i.store_id IN (%s))`, list(f.StoreIDs)...)
	}
	if len(f.ProductIDs) > 0 {
		q.and(withItem+`i.product_id IN (%s))`, list(f.ProductIDs)...)
	}
	if f.MinTotal != (money.Money{}) {
		q.and(`o.total_minor_units >= %s`, f.MinTotal.MinorUnits())
	}
	if f.MaxTotal != (money.Money{}) {
		q.and(`o.total_minor_units <= %s`, f.MaxTotal.MinorUnits())
	}
	if f.Status != "" {
		q.and(`o.status = %s`, string(f.Status))
	}
	if f.Text != "" {
		pattern := `%` + likeEscaper.Replace(people.Fold(f.Text)) + `%`
		q.and(`(o.folded_names LIKE %[1]s ESCAPE '!' OR p.folded_name LIKE %[1]s ESCAPE '!')`, pattern)
	}
	if after != (domain.Place{}) {
		q.and(`(o.created_at, o.id) < (%s)`, after.CreatedAt, after.ID)
	}
	q.args = append(q.args, limit)
	return store.All(ctx, tx, func(row *store.Rows) (domain.Found, error) { return scanFound(row) },
		fmt.Sprintf(`%s ORDER BY o.created_at DESC, o.id DESC LIMIT $%d`, q.text, len(q.args)), q.args...)
}

// withItem begins a condition on an item of the order.
const withItem = `EXISTS (SELECT 1 FROM order_items i WHERE i.generation = o.generation AND i.order_id = o.id AND `

// likeEscaper makes a text stand for itself in a LIKE pattern. The escape character is not the backslash, which MySQL's and some
// settings of Postgres' string literals take for themselves.
var likeEscaper = strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`)

// query is a query that conditions are added to.
type query struct {
	text string
	args []any
}

// and adds a condition, in which the verb stands for the parameters.
func (q *query) and(condition string, args ...any) {
	places := make([]string, len(args))
	for i, arg := range args {
		q.args = append(q.args, arg)
		places[i] = fmt.Sprintf("$%d", len(q.args))
	}
	q.text += ` AND ` + fmt.Sprintf(condition, strings.Join(places, ", "))
}

func list(ids []string) []any {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return args
}
