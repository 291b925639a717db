"use strict";

// The key that is typed in stays in this page: it is sent to this service only, and not kept.
SwaggerUIBundle({
  url: "/api/v1/openapi.yaml",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
