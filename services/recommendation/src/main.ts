import { runModelService } from '@tributary/model-server/run';
import { service } from './service';

runModelService(service);
