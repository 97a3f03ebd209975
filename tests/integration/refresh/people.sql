insert into maho.core_website (website_id, code, name, is_default) values (1, 'base', 'Main', 1), (2, 'us', 'US', 0);
insert into maho.core_store (store_id, code, website_id, name) values (1, 'en', 1, 'English'), (2, 'us', 2, 'US');

insert into maho.catalog_product_entity (entity_id, sku) values (1, 'lens'), (2, 'camera'), (3, 'bag');
insert into maho.catalog_product_entity_decimal (entity_id, attribute_id, value) values (1, 41, 5), (2, 41, 500), (3, 41, 50);
insert into maho.catalog_category_entity (entity_id, parent_id, path, level) values
    (3, 2, '1/2/3', 2), (4, 3, '1/2/3/4', 3), (5, 2, '1/2/5', 2);
insert into maho.catalog_category_product (category_id, product_id) values (4, 2), (5, 3);

-- Everybody's account is of the website 1, with an address like c11@shop.example, where nothing else is said.
insert into maho.customer_entity (entity_id, website_id, email, store_id, group_id, created_at)
select id, 1, 'c' || id || '@shop.example', 1, 1, '2026-02-01'
from generate_series(11, 60) as ids (id)
where id not in (12, 29);
update maho.customer_entity set email = 'mia@old.example' where entity_id = 14;
update maho.customer_entity set email = 'sue@shop.example' where entity_id = 25;
update maho.customer_entity set email = 'tom@shop.example' where entity_id = 26;

insert into maho.log_visitor (visitor_id, store_id, first_visit_at)
select id, 1, '2026-02-01' from generate_series(101, 110) as ids (id);

insert into maho.sales_flat_order
    (entity_id, increment_id, customer_id, customer_email, store_id, state, base_grand_total, created_at, billing_address_id)
values
    (1, '1', null, 'mia@old.example', 1, 'complete', 10, '2026-02-02', null),
    (2, '2', null, ' Mia@New.example', 1, 'complete', 10, '2026-02-02', null),
    (3, '3', null, 'gus@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (4, '4', 16, 'hal@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (5, '5', 17, 'c17@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (6, '6', null, 'pam@shop.example', 2, 'complete', 10, '2026-02-02', null),
    (7, '7', 18, 'c18@shop.example', 1, 'complete', 10, '2026-02-02', 701),
    (8, '8', null, 'quinn@shop.example', 1, 'complete', 10, '2026-02-02', 702),
    (9, '9', 19, 'c19@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (10, '10', null, 'sue@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (11, '11', 27, 'c27@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (12, '12', 28, 'c28@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (13, '13', null, 'uma@shop.example', 1, 'complete', 10, '2026-02-02', null),
    (14, '14', null, 'vic@shop.example', 1, 'complete', 10, '2026-02-02', null);
insert into maho.sales_flat_order_item (item_id, order_id, product_id, product_type, qty_ordered)
values (1, 5, 3, 'simple', 1), (2, 11, 1, 'simple', 1), (3, 12, 2, 'simple', 1);
insert into maho.sales_flat_order_address (entity_id, parent_id, firstname, country_id)
values (701, 7, 'Ada', 'DE'), (702, 8, 'Quinn', 'DE');
insert into maho.sales_flat_order_payment (entity_id, parent_id, method) values (1, 6, 'checkmo');
insert into maho.sales_flat_creditmemo (entity_id, order_id, state, base_grand_total, created_at)
values (1, 9, 2, 5, '2026-02-03');

insert into maho.sales_flat_quote (entity_id, store_id, customer_id, customer_email, created_at, updated_at) values
    (1, 1, null, null, '2026-02-02', '2026-02-02'), (2, 1, 20, 'c20@shop.example', '2026-02-02', '2026-02-02'),
    (3, 1, null, null, '2026-02-02', '2026-02-02'), (4, 1, null, 'uma@shop.example', '2026-02-02', '2026-02-02'),
    (5, 1, null, null, '2026-02-02', '2026-02-02');
insert into maho.sales_flat_quote_item (item_id, quote_id, product_id, qty) values (1, 1, 3, 1);
insert into maho.log_quote (quote_id, visitor_id) values (1, 102), (3, 105), (4, 108), (5, 110);

insert into maho.log_customer (log_id, visitor_id, customer_id, login_at) values
    (1, 103, 23, '2026-02-03'), (2, 104, 25, '2026-02-03');
insert into maho.report_event (event_type_id, object_id, subject_id, subtype, store_id, logged_at)
select 1, case when id = 106 then 1 else 3 end, id, 1, 1, '2026-02-02'
from generate_series(101, 110) as ids (id);
insert into maho.report_viewed_product_index (index_id, visitor_id, customer_id, product_id, store_id, added_at) values
    (1, null, 24, 3, 1, '2026-02-02'), (2, 103, null, 2, 1, '2026-02-02');

insert into maho.wishlist (wishlist_id, customer_id) values (1, 21);
insert into maho.customer_address_entity (entity_id, parent_id, created_at) values (1, 22, '2026-02-01');
insert into maho.newsletter_subscriber (subscriber_id, store_id, subscriber_email, subscriber_status)
values (1, 1, 'rita@shop.example', 1);
