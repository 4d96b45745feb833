package money

// defaultMinorDigits is what most currencies have: a hundred minor units make one.
const defaultMinorDigits = 2

// otherMinorDigits are the currencies in circulation with another number of digits (ISO 4217, list one, column "minor unit"). Only
// String needs them; all arithmetic is in minor units.
var otherMinorDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0,
	"VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

func minorDigits(currency string) int {
	if digits, ok := otherMinorDigits[currency]; ok {
		return digits
	}
	return defaultMinorDigits
}
