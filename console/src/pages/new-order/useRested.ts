import { useEffect, useState } from "react";

/** Return a value once it has not changed for a while: nobody is asked about every letter. */
export function useRested<Value extends object>(value: Value, ms: number): Value {
  const [rested, setRested] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(JSON.parse(text) as Value), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return rested;
}
