// A line a test, what failed in full, and a last line `N passed, N failed`.
import { inspect } from "node:util";

export default async function* report(events) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of events) {
    if (type === "test:pass") {
      passed += 1;
      yield `ok - ${data.name}\n`;
    } else if (type === "test:fail") {
      failed += 1;
      yield `not ok - ${data.name}\n${inspect(data.details.error.cause ?? data.details.error)}\n`;
    } else if (type === "test:stderr" || type === "test:stdout") {
      yield data.message;
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}
