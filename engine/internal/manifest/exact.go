package manifest

import "strconv"

// maxExact is the largest integer that every reader of JSON keeps exactly (RFC 8259, section 6).
const maxExact = 1<<53 - 1

// inexact finds an integer that the host would round: the cluster would silently get another one.
func inexact(value []byte) string {
	inText := false
	for at := 0; at < len(value); at++ {
		switch c := value[at]; {
		case inText && c == '\\':
			at++
		case c == '"':
			inText = !inText
		case !inText && (c == '-' || c >= '0' && c <= '9'):
			end := at + 1
			isInteger := true
			for end < len(value) && isNumber(value[end]) {
				isInteger = isInteger && value[end] >= '0' && value[end] <= '9'
				end++
			}
			if isInteger && isTooLarge(string(value[at:end])) {
				return string(value[at:end])
			}
			at = end - 1
		}
	}
	return ""
}

func isNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'
}

func isTooLarge(digits string) bool {
	number, err := strconv.ParseInt(digits, 10, 64)
	return err != nil || number > maxExact || number < -maxExact
}
