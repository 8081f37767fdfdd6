"""The hold-out: by chance, and always the same chance."""

from dialer.core.holdout import chance_of, is_held_out


def test_the_same_customer_campaign_and_seed_always_give_the_same_answer() -> None:
    assert chance_of("c1", "winter", 7) == chance_of("c1", "winter", 7)
    assert 0.7528326456934101 == chance_of("c1", "winter", 7)


def test_the_share_held_out_is_the_share_asked_for() -> None:
    held = sum(is_held_out(f"customer-{place}", "winter", 1, 0.1) for place in range(20_000))

    assert 1850 < held < 2150  # 2,000 and 3.5 standard deviations of a fair draw


def test_campaigns_and_seeds_draw_apart() -> None:
    one = {place for place in range(5000) if is_held_out(str(place), "one", 1, 0.2)}
    two = {place for place in range(5000) if is_held_out(str(place), "two", 1, 0.2)}
    other_seed = {place for place in range(5000) if is_held_out(str(place), "one", 2, 0.2)}

    assert 120 < len(one & two) < 280  # 200 if they are independent
    assert 120 < len(one & other_seed) < 280


def test_nothing_is_held_out_of_nothing_and_everything_of_everything() -> None:
    assert not any(is_held_out(str(place), "c", 1, 0.0) for place in range(1000))
    assert all(is_held_out(str(place), "c", 1, 1.0) for place in range(1000))


def test_where_a_name_ends_and_the_next_begins_is_part_of_the_chance() -> None:
    assert chance_of("a|1:b", "c", 1) != chance_of("a", "b|1:c", 1)
