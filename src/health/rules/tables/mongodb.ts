import { each, type HealthTable, phaseAndMessage } from '../table.ts';

export const mongoDb: HealthTable = {
  project: 'MongoDB',
  sources: [
    'https://github.com/mongodb/mongodb-kubernetes-operator/blob/master/api/v1/mongodbcommunity_types.go',
    'https://www.mongodb.com/docs/kubernetes-operator/current/reference/troubleshooting/',
    'https://github.com/mongodb/mongodb-kubernetes/blob/master/api/v1/status/phase.go',
  ],
  kinds: {
    'MongoDBCommunity.mongodbcommunity.mongodb.com': {
      failing: 'status.phase == "Failed"',
      healthy: 'status.phase == "Running"',
      message: phaseAndMessage,
    },
    ...each(['MongoDB.mongodb.com', 'MongoDBMultiCluster.mongodb.com', 'MongoDBSearch.mongodb.com'], {
      suspended: 'status.phase == "Disabled"',
      failed: 'status.phase == "Unsupported"',
      failing: 'status.phase == "Failed"',
      healthy: 'status.phase == "Running"',
      message: phaseAndMessage,
    }),
    'MongoDBUser.mongodb.com': {
      failing: 'status.phase == "Failed"',
      healthy: 'status.phase == "Updated"',
      message: phaseAndMessage,
    },
    'MongoDBOpsManager.mongodb.com': {
      failing: 'status.opsManager.phase == "Failed" || status.applicationDatabase.phase == "Failed"',
      healthy: 'status.opsManager.phase == "Running" && status.applicationDatabase.phase == "Running"',
      message:
        '"Ops Manager " + status.opsManager.phase + ", application database " + status.applicationDatabase.phase',
    },
  },
};
