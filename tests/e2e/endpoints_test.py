"""Each endpoint of the server once, as a client sees it."""

from __future__ import annotations

from harness import ITEMS, Client, ServerTestCase


class EndpointsTest(ServerTestCase):
    def client_of_a_new_server(self) -> Client:
        client = self.start().client()
        self.addCleanup(client.close)
        return client

    def test_health_and_readiness_are_answered(self) -> None:
        client = self.client_of_a_new_server()
        self.assertEqual(client.get("/healthz").status, 200)
        self.assertEqual(client.get("/readyz").status, 200)

    def test_metrics_count_what_was_asked(self) -> None:
        client = self.client_of_a_new_server()
        self.assertEqual(client.metric("shortlist_events"), 600)
        self.assertEqual(client.metric("shortlist_catalogue_items"), ITEMS)
        for _ in range(3):
            client.recommend("u1")
        self.assertIn('shortlist_requests_total{route="/v1/recommend",status="200"} 3', client.get("/metrics").text)

    def test_openapi_describes_every_path_that_answers(self) -> None:
        client = self.client_of_a_new_server()
        document = client.get("/openapi.json").json
        self.assertTrue(document["openapi"].startswith("3.1"))
        paths = set(document["paths"])
        self.assertLessEqual({"/v1/recommend", "/v1/rank", "/v1/similar/{item}", "/v1/events", "/v1/items", "/v1/users", "/healthz"}, paths)
        for path in paths:
            self.assertNotEqual(client.get(path.replace("{item}", "i1").replace("{user}", "u1")).status, 404, path)

    def test_a_known_and_a_new_user_get_full_lists_without_repeats(self) -> None:
        client = self.client_of_a_new_server()
        for user in ("u7", "nobody-yet"):
            items = client.recommend(user)
            self.assertEqual(len(items), 10)
            self.assertEqual(len(set(items)), 10)
        self.assertEqual(len(client.recommend("u7", k=3)), 3)

    def test_rank_puts_the_given_items_in_the_order_of_recommend(self) -> None:
        client = self.client_of_a_new_server()
        best_first = client.recommend("nobody-yet")
        ranked = client.post("/v1/rank", {"user": "nobody-yet", "items": best_first[::-1]})
        self.assertEqual([item["id"] for item in ranked.json["items"]], best_first)

    def test_similar_to_an_unknown_item_is_404(self) -> None:
        client = self.client_of_a_new_server()
        self.assertEqual(client.similar("no-such-item").status, 404)
        self.assertEqual(client.get("/v1/nothing").status, 404)

    def test_a_new_user_is_known_after_an_upsert(self) -> None:
        client = self.client_of_a_new_server()
        before = client.metric("shortlist_known_users")
        answer = client.post("/v1/users", {"id": "upserted"})
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(client.metric("shortlist_known_users"), before + 1)
