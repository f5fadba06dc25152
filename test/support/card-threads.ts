import { openCardWorkers } from '../../packages/cards/src/index.ts';

// A test process keeps its threads for cards: each test would start its own otherwise, and that costs more than several cards.
openCardWorkers();
