// What a person asks of the debugger and can't be had where the call stands: the words are for that person, as they are.

export class Refusal extends Error {}
