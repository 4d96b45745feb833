package steps

import (
	"reflect"

	"github.com/cucumber/godog"
	"google.golang.org/grpc"
)

// definition is a sentence and what it does.
type definition struct {
	expression string
	do         any // as godog takes it
}

// Register teaches a scenario all sentences, about the mall behind conn.
func Register(sc *godog.ScenarioContext, conn grpc.ClientConnInterface) {
	w := newWorld(conn)
	for _, d := range w.definitions() {
		sc.Step(d.expression, d.do)
	}
	sc.After(w.end)
}

// Expressions are the regular expressions of all sentences.
func Expressions() []string {
	var all []string
	for _, d := range newWorld(nil).definitions() {
		all = append(all, d.expression)
	}
	return all
}

func (w *world) definitions() []definition {
	w.storeSteps()
	w.productSteps()
	w.stockSteps()
	w.customerSteps()
	w.basketSteps()
	w.checkoutSteps()
	w.orderSteps()
	w.cancelSteps()
	w.watchSteps()
	w.listSteps()
	w.robotSteps()
	w.paymentSteps()
	w.invoiceSteps()
	w.notificationSteps()
	w.searchSteps()
	w.refusalSteps()
	w.apiSteps()
	w.pageSteps()
	w.repeatSteps()
	return w.sentences
}

// step adds a sentence that must come true.
func (w *world) step(expression string, do any) {
	w.sentences = append(w.sentences, definition{expression, do})
}

// tries adds a sentence about something that may be refused: how it ended is for the next sentence to say.
func (w *world) tries(expression string, do any) {
	f := reflect.ValueOf(do)
	w.step(expression, reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
		err, _ := f.Call(args)[0].Interface().(error)
		w.refusal, w.tried = err, true
		return []reflect.Value{reflect.Zero(f.Type().Out(0))}
	}).Interface())
}
