/** Messages of the main side name what to do in the terminal as well; the page leaves that out. */

/** Removes command lines and their options from a message: in brackets, or before what the page offers instead. */
export function withoutCommands(message: string): string {
  return message
    .replace(/ \((?:lab [a-z]+\b|--[a-z])[^()]*\)/g, '')
    .replace(/\blab [a-z]+ \S+(?: --[a-z-]+(?: [A-Z]+)?)+, or (?=“)/g, '');
}
