/** Messages of the main side name what to do in the terminal as well; the page leaves that out. */

/** Removes command lines and their options from a message: in brackets, or before what the page offers instead. */
export function withoutCommands(message: string): string {
  return message
    .replace(/ \((?:lab [a-z]+\b|--[a-z])[^()]*\)/g, '')
    .replace(/\blab [a-z]+ \S+(?: --[a-z-]+(?: [A-Z]+)?)+, or (?=“)/g, '')
    .replace('is known to lab sweep status', 'will show here')
    .replace(/\blab sweep (status|collect|retry|cancel|submit)\b/gi, (_, action: string) => actions[action])
    .replace(/--([a-z][a-z-]*)/g, (option, name: string) => (fields[name] ? `“${fields[name]}”` : option));
}

/** What the page offers in place of the commands of sweeps on clusters. */
const actions: Readonly<Record<string, string>> = {
  status: 'this page',
  collect: 'Collect now',
  retry: 'Retry',
  cancel: 'Cancel',
  submit: 'Submit',
};

/** Fields of the form in place of the options of jobs. */
const fields: Readonly<Record<string, string>> = {
  account: 'Account',
  memory: 'Memory',
  partition: 'Partition',
  program: 'Program there',
  time: 'Time limit',
};
