import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'budget-submissions': { en: 'This needs {count} more paid {count:submission|submissions}; {made} of the allowed {max} {made:has|have} been made.[ Raise maxSubmissions to go on.|]', zh: '还需要 {count} 次付费提交；允许的 {max} 次已用 {made} 次。[要继续请提高 maxSubmissions。|]' },
  'price-unknown': { en: 'The price of {backend} ({model}) is not known, so [maxCost|--max-cost] cannot be kept. Give it [in the option prices|with --prices].', zh: '{backend}（{model}）的价格未知，无法保证不超过 [maxCost|--max-cost]。请[在选项 prices 中|用 --prices ]给出。' },
  'budget-cost': { en: 'This would bring the cost to about {sum} {currency}, more than the allowed {limit} {currency}. Raise [maxCost|--max-cost] to go on.', zh: '这样费用将达到约 {sum} {currency}，超过允许的 {limit} {currency}。要继续请提高 [maxCost|--max-cost]。' },
  'budget-waits': { en: 'Waiting for submissions under way: what they really cost may leave room within [maxCost and maxSubmissions|--max-cost].', zh: '正在等待进行中的提交：其实际费用可能会在 [maxCost 和 maxSubmissions|--max-cost] 之内留出余地。' },
  'budget-currency': { en: '{backend} is paid in {currency}, for which [maxCost|--max-cost] allows nothing. Add an amount in {currency} to go on.', zh: '{backend} 以 {currency} 计费，而 [maxCost|--max-cost] 中没有这种货币的金额。要继续请加上 {currency} 的金额。' },
  'budget-other-currency': { en: '{backend} is paid in {currency}, but [maxCost|--max-cost] {limit} has been used in {other}. Name an amount for each currency to go on.', zh: '{backend} 以 {currency} 计费，但 [maxCost|--max-cost] {limit} 已用于 {other}。要继续请为每种货币分别给出金额。' },
  'cost-submissions': { en: 'The option maxSubmissions is {value} ({type}); it must be a whole number from 0.', zh: '选项 maxSubmissions 为 {value}（{type}）；必须是不小于 0 的整数。' },
  'cost-amounts': { en: 'The option maxCost is {value} ({type}); it must be a number from 0, or amounts by currency such as { CNY: 2 }.', zh: '选项 maxCost 为 {value}（{type}）；必须是不小于 0 的数字，或各货币的金额，例如 { CNY: 2 }。' },
  'cost-currencies': { en: 'The option maxCost is {value} ({type}); it must be by currencies of three capital letters, such as CNY.', zh: '选项 maxCost 为 {value}（{type}）；货币必须是三个大写字母，例如 CNY。' },
  'cost-amount': { en: 'The option maxCost.{currency} is {value} ({type}); it must be a number from 0.', zh: '选项 maxCost.{currency} 为 {value}（{type}）；必须是不小于 0 的数字。' },
  'cost-price': { en: 'The option prices.{name} is {value} ({type}); it must be { perImage: a number from 0, currency: three capital letters such as CNY }.', zh: '选项 prices.{name} 为 {value}（{type}）；必须是 { perImage: 不小于 0 的数字, currency: 三个大写字母，例如 CNY }。' },
} as const;

/** What the limits of cost refuse. */
export const say: Say<typeof texts> = defineMessages('core', texts);
