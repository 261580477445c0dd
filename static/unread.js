// Which deliveries were not opened yet, remembered in this browser for each database.
//
// All up to `base` count as read: that is where the list stood when the page was first seen.

const KEPT = 1000;

export class Unread {
  constructor(instance, cursor) {
    this.key = `callback-inspector:read:${instance}`;
    this.load();
    if (this.base === null || this.base > cursor) {
      this.base = cursor;
      this.read = new Set();
      this.save();
    }
    window.addEventListener("storage", ({ key }) => key === this.key && this.load());
  }

  load() {
    const { base, read } = JSON.parse(localStorage.getItem(this.key) ?? '{"base": null, "read": []}');
    this.base = base;
    this.read = new Set(read);
  }

  save() {
    localStorage.setItem(this.key, JSON.stringify({ base: this.base, read: [...this.read] }));
  }

  has(id) {
    return id > this.base && !this.read.has(id);
  }

  /** Counts delivery `id` as read from now on. */
  open(id) {
    if (!this.has(id)) {
      return;
    }
    this.read.add(id);
    while (this.read.size > KEPT) {
      const oldest = Math.min(...this.read);
      this.read.delete(oldest);
      this.base = oldest;
    }
    this.save();
  }
}
