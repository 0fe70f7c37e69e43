/** What the programs are given to do: generated, so that nothing of anybody's stands here. */

export const python = (numbers: number, words: number): string => `
import re, json, hashlib
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
counts = {}
for i in range(${words}):
    word = "w%d" % (i * 7919 % 5003)
    counts[word] = counts.get(word, 0) + i
text = json.dumps(counts)
found = re.findall(r"w1\\d+", text)
ordered = sorted((i * i % 1013 for i in range(${words})), reverse=True)
print(fib(${numbers}), len(json.loads(text)), len(found), ordered[0], hashlib.sha256(text.encode()).hexdigest())`;

export const ruby = (numbers: number, words: number): string => `
def fib(n) n < 2 ? n : fib(n - 1) + fib(n - 2) end
counts = Hash.new(0)
${words}.times { |i| counts["w#{i * 7919 % 5003}"] += i }
ordered = (1..${words}).map { |i| i * i % 1013 }.select(&:even?).sort.each_slice(3).map(&:sum).max
text = (1..${Math.ceil(words / 20)}).map { |i| "item #{i}" }.join(",")
found = text.gsub(/\\d+/) { |m| (m.to_i * 2).to_s }.scan(/item 1\\d*/).size
puts fib(${numbers}), counts.size, ordered, found`;

export const javascript = (numbers: number, words: number): string => `
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
const counts = new Map();
for (let i = 0; i < ${words}; i++) { const word = "w" + (i * 7919 % 5003); counts.set(word, (counts.get(word) ?? 0) + i) }
const found = JSON.stringify([...counts]).match(/w1\\d+/g).length;
const ordered = Array.from({ length: ${words} }, (_, i) => i * i % 1013).sort((a, b) => b - a);
console.log(fib(${numbers}), counts.size, found, ordered[0]);`;

/** A file of C with so many functions. */
export function cSource(functions: number): string {
  const lines = Array.from({ length: functions }, (_, i) => {
    const before = i === 0 ? "k" : `f${i - 1}(p, n / 2)`;
    return `unsigned f${i}(unsigned char *p, unsigned n) {
  unsigned s = ${i};
  for (unsigned k = 0; k < n; k++) {
    s = (s << 3) ^ (s >> ${1 + (i % 7)}) ^ p[k];
    if (s & ${1 << (i % 8)}) s += ${before};
    switch (s % 5) {
      case 0: s ^= ${(i * 7) % 251}; break;
      case 1: s -= p[0]; break;
      case 2: s += n * ${i % 13}; break;
      default: s = ~s;
    }
  }
  return s;
}`;
  });
  return `${lines.join("\n")}\n`;
}

/** A drawing of so many curves, every twentieth of them blurred. */
export function svg(curves: number): string {
  const paths = Array.from({ length: curves }, (_, i) => {
    const at = (...factors: readonly number[]) => factors.map((factor) => (i * factor) % 1200).join(" ");
    const fill = i % 3 === 0 ? `#${((i * 12_345) % 0xffffff).toString(16).padStart(6, "0")}` : "url(#g)";
    const blur = i % 20 === 0 ? ' filter="url(#f)"' : "";
    return `<path d="M${at(37, 91)} C ${at(13, 7, 29, 3, 53, 17)} Z" fill="${fill}" fill-opacity="0.4" stroke="black" stroke-width="${i % 5}"${blur}/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="1200"><defs>
<linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>
<filter id="f"><feGaussianBlur stdDeviation="6"/></filter></defs>
${paths.join("\n")}</svg>`;
}

/** A circuit that adds up what comes in. */
export const verilog = `module top(input clk, input [7:0] a, output reg [15:0] q);
  always @(posedge clk) q <= q + a;
endmodule
`;
