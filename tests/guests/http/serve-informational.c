// 103 before its answer: send-informational, which is unstable, and in no host's wasi:http/proxy as it is.
#include <stddef.h>

#include "http.h"
#include "response.h"

void exports_wasi_http_incoming_handler_handle(http_own_incoming_request_t request, http_own_response_outparam_t outparam) {
  http_own_fields_t headers = http_constructor_fields();
  add_field(headers, "link", "</style.css>; rel=preload");
  http_error_code_t error;
  bool sent = http_method_response_outparam_send_informational(http_borrow_response_outparam(outparam), 103, headers, &error);
  respond_text(outparam, 200, sent ? "sent\n" : "refused\n");
  http_incoming_request_drop_own(request);
}
