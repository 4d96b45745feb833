package sagas

import "mallbots.example/pkg/saga"

// EndOrder takes an order to canceled that can't be had any more: its list was given up, or its invoice canceled. The list has its end
// already, so that only giving back is left, which nobody refuses.
//
// It is a saga of its own, not CancelOrder without the pivot, because each runs once per order: a customer may have asked, and been
// refused, before. Should both run at once, the second gives back what is given back.
var EndOrder = saga.Definition[Order]{
	Name:  "end-order",
	Steps: []saga.Step[Order]{voidPaymentStep, releaseStockStep, confirmCancelStep},
}
