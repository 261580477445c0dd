// Which deliveries were not opened yet, remembered for each database. All up to `base` count as read.

const KEPT = 1000;

export class Unread {
  constructor(instance, cursor) {
    this.key = `callback-inspector:read:${instance}`;
    this.load();
    if (!(this.base <= cursor)) {
      this.base = cursor;
      this.read.clear();
      this.save();
    }
    window.addEventListener("storage", () => this.load());
  }

  load() {
    const { base, read } = JSON.parse(localStorage.getItem(this.key) ?? "{}");
    this.base = base;
    this.read = new Set(read);
  }

  save() {
    localStorage.setItem(this.key, JSON.stringify({ base: this.base, read: [...this.read] }));
  }

  has(id) {
    return id > this.base && !this.read.has(id);
  }

  open(id) {
    if (this.has(id)) {
      this.read.add(id);
      if (this.read.size > KEPT) {
        this.base = Math.min(...this.read);
        this.read.delete(this.base);
      }
      this.save();
    }
  }
}
