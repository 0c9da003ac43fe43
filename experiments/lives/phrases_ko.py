"""Every word of a biography in Korean, and the Korean way of writing particles and sums of money."""

PARTICLES_AFTER_VOWEL = {"이/가": "가", "은/는": "는", "을/를": "를", "과/와": "와", "으로/로": "로", "이라/라": "라"}
DIGITS_READ = "영일이삼사오육칠팔구"
LATIN_LETTERS = {"L": "ㄹ", "R": "ㄹ", "M": "받침", "N": "받침"}  # as their Korean names end: 엘, 알, 엠, 엔


class Noun(str):
    """A text that a template can ask for with a particle: ``f"{Noun('병원'):이/가}"`` is ``병원이``."""

    def __format__(self, spec: str) -> str:
        if spec not in PARTICLES_AFTER_VOWEL:
            return super().__format__(spec)
        return str(self) + particle(self, spec)


def particle(text: str, pair: str) -> str:
    """The particle of a pair that follows a text, by the sound that the text ends in."""
    last = last_sound(text)
    if not last or (pair == "으로/로" and last == "ㄹ"):
        return PARTICLES_AFTER_VOWEL[pair]
    return pair.split("/")[0]


def last_sound(text: str) -> str:
    """How a text ends as it is read: ``""`` in a vowel, ``"ㄹ"``, or ``"받침"`` in another consonant."""
    spoken = text.rstrip(" .,)”\"'")
    if spoken and spoken[-1].isdigit():
        zeros = len(spoken) - len(spoken.rstrip("0"))
        last = "십" if zeros else DIGITS_READ[int(spoken[-1])]  # 십, 백, 천, 만 all end in a consonant other than ㄹ
    else:
        last = spoken[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "" if final == 0 else "ㄹ" if final == 8 else "받침"
    return LATIN_LETTERS.get(last.upper(), "")


def in_ten_thousands(won: float) -> str:
    """A sum in Korean number words, to 100,000 won: ``5,600만``, ``1억 2,000만``."""
    man = round(won / 100_000) * 10
    eok, rest = divmod(man, 10_000)
    parts = ([f"{eok:,}억"] if eok else []) + ([f"{rest:,}만"] if rest or not eok else [])
    return " ".join(parts)


KOREAN: dict[str, str] = {
    # how numbers and things are written
    "pay": "연 {man} 원",
    "short_pay": "{man} 원",
    "percent": "{percent}%",
    "one_year": "1년",
    "years": "{n}년",
    "someone": "사람 {key}",
    "list": ", ",
    "clause": ". ",
    "semicolon": "; ",
    "colon": ". ",
    "nobody": "없음",
    "date": "{year}년 {month}월",
    "one_post": "일자리 1곳",
    "posts": "일자리 {n}곳",
    "one_month": "1개월",
    "months": "{n}개월",
    "field": "해당 분야",
    "founded_name": "신생기업 {n}호",
    "undergraduate": "학부 과정",
    "graduate": "대학원 과정",
    "clinician": "의료인",
    "programme_seat": "사업 정원",
    "core_seat": "자체 정원",
    "class_tertiary": "상급종합병원",
    "class_general": "종합병원",
    "class_hospital": "병원",
    "class_conglomerate": "대기업 부문",
    "class_mid_size": "중견기업",
    "class_startup": "스타트업",
    # who
    "title": "{run}, 계산 번호 {seed}의 사람 {key}",
    "source_start": "시작 시점 이전부터 이 분야에 있던 사람",
    "source_admission": "{date} {place} 입학, {seat}번 자리({seat_kind})",
    "source_retraining": "{date} {place:이/가} 재교육 과정에 보낸 의료인",
    "source_immigration": "{date} 해외에서 입국한 사람",
    "born": "{date} 출생",
    # where somebody is
    "is_enrolled": "{place} 재학 중",
    "is_retraining": "의료인 재교육 과정 수강 중",
    "is_seeking": "구직 중",
    "is_hospital": "{place} 재직 중({pay})",
    "is_firm": "{place} 재직 중({pay})",
    "is_university": "{place} 교원으로 재직 중({pay})",
    "is_other_sector": "다른 산업 종사 중",
    "is_abroad": "해외 체류 중",
    "is_left": "은퇴했거나 이 분야를 떠난 상태",
    "is_absent": "이 분야에 들어온 적이 없습니다",
    "started": "시작 시점에 {age}세이며, {since}부터 {where}이었습니다{so_far}",
    "practice": " (경력 {time})",
    "no_practice": " (경력 없음)",
    "course_so_far": " ({level}, {months} 과정)",
    "end": "마지막 달에 {age}세이며, {date}부터 {where}입니다{practice}",
    # what happens
    "chance": "그달의 확률 {chance}, 추첨값 {luck}",
    "chance_once": "확률 {chance}, 추첨값 {luck}",
    "admitted": "{age}세에 {place}에 입학했습니다 ({seat_kind}, {level}, {months} 과정){taught}",
    "taught": ". 가르친 교원은 {teachers}입니다",
    "dropped_out": "과정을 그만두고 이 분야를 떠났습니다 ({by_chance})",
    "practicum": "{other}에서 현장실습을 했습니다 ({by_chance})",
    "graduated": "{university:을/를} 졸업했습니다",
    "retraining_begun": "{other:이/가} {age}세의 이 의료인을 재교육 과정에 보냈습니다",
    "retraining_ended": "의료인 재교육 과정을 마쳤습니다",
    "retraining_ended_without_post": "의료인 재교육 과정을 마쳤으나 자리를 얻지 못해 진료 업무로 돌아갔습니다",
    "immigrated": "{age}세에 비자를 받아 입국해 일자리를 찾기 시작했습니다{practice}",
    "hired": "{place}에 채용되었습니다 ({pay})",
    "changed_job": "{before}에서 {place:으로/로} 옮겼습니다. 보수는 {pay_before}에서 {pay:으로/로} 바뀌었습니다",
    "changed_job_for_less": "보수가 {pay_before}에서 {pay:으로/로} 줄어드는데도, 더 나은 자리라고 보고 {before}에서 "
    "{place:으로/로} 옮겼습니다",
    "became_teacher": "{place}의 교원이 되었습니다 ({pay}; 자리가 채워질 확률 {chance}, 추첨값 {luck})",
    "founded_firm": "{before:을/를} 떠나 {place:을/를} 세웠습니다 ({pay})",
    "separated": "{before}에서의 일자리가 끝났습니다 ({by_chance})",
    "laid_off": "{before:이/가} 계획보다 인원이 많아 해고되었습니다 ({by_chance})",
    "employer_closed": "{before:이/가} 문을 닫아 일자리를 찾기 시작했습니다",
    "taken_over": "{before:이/가} {place}에 인수되었습니다 ({pay})",
    "retired": "{age}세에 은퇴했습니다 ({by_chance})",
    "emigrated": "해외로 떠났습니다 ({by_chance})",
    "returned": "귀국해 일자리를 찾기 시작했습니다 ({by_chance})",
    "left_for_other_sector": "다른 산업으로 옮겼습니다 ({by_chance})",
    "came_back": "이 분야로 돌아와 일자리를 찾기 시작했습니다 ({by_chance})",
    "pay_reviewed": "연례 보수 조정으로 {pay_before}에서 {pay:이/가} 되었습니다",
    "pay_kept": "연례 보수 조정에서 {pay:을/를} 유지했습니다",
    # posts met
    "met": "{posts:을/를} 살펴보았습니다",
    "post": "{place} {pay}",
    "post_and_fate": "{place} {pay} ({fate})",
    "and_more": " 외 {n}곳",
    "lost": "지원했으나 {rival:이/가} 채용됨: {list}",
    "worth_less_than_another": "덜 끌린 곳: {list}",
    "worth_less_than_job": "지금 자리보다 못한 곳: {list}",
    "below_reservation": "희망 보수 {needed}에 못 미친 곳: {list}",
    "unfit": "더 높은 역량을 원한 곳: {list}",
    "own_employer": "지금 다니는 곳: {list}",
    "looked_around": "{last}까지 {months} 동안 {posts:을/를} 살펴보았으나 옮길 만한 곳이 없었습니다",
    "searched": "{last}까지 {months} 동안 일자리를 찾으며 {posts:을/를} 살펴보았으나 얻지 못했습니다 "
    "(희망 보수 미달 {below}곳, 역량 부족 {unfit}곳)",
    # two lives
    "versus_title": "{one}, {other}에서의 사람 {key}, 계산 번호 {seed}",
    "same": "두 삶은 모든 달에 같은 곳에 있습니다.",
    "parted": "두 삶은 {date}에 갈라집니다.",
    "then": "{run}: {what}.",
    "stayed": "달라진 것 없이 {where}입니다",
    "happened": "{run}: {deed} 확률 {chance}, 추첨값 {luck}. 추첨값이 확률보다 작아 일어났습니다.",
    "did_not_happen": "{run}: {deed} 확률 {chance}, 추첨값 {luck}. 추첨값이 확률보다 작지 않아 일어나지 않았습니다.",
    "not_asked": "{run}: 그달에는 {deed} 기회가 없었습니다.",
    "only_met_in": "{run}에서만 살펴본 일자리는 다음과 같습니다: {list}.",
    "met_in_neither": "그달에는 {one:과/와} {other} 어느 쪽에서도 살펴본 일자리가 없었습니다.",
    "picked_became_teacher": "{run}: 그달에 교원으로 초빙된 사람: {who}.",
    "picked_founded_firm": "{run}: 그달에 창업한 사람: {who}.",
    "offers_differ": "{place}의 제안은 {one}에서 {pay}, {other}에서 {pay_other}이었습니다.",
    "fate_differs": "{place}의 자리는 {one}에서는 ‘{fate}’, {other}에서는 ‘{fate_other}’이었습니다.",
    "fate_unfit": "더 높은 역량을 원함",
    "fate_own_employer": "지금 다니는 곳",
    "fate_below_reservation": "희망 보수에 못 미침",
    "fate_worth_less_than_job": "지금 자리보다 못함",
    "fate_worth_less_than_another": "다른 곳보다 못함",
    "fate_taken": "채용됨",
    "fate_lost": "지원했으나 {rival:이/가} 채용됨",
    "asked_differs": "받아들일 최소 가치는 {one}에서 {pay}, {other}에서 {pay_other}이었습니다.",
    "pay_differed": "두 사람의 보수는 {date}부터 이미 달랐습니다.",
    "seat_never_there": "{run}: 그달 {place:은/는} {n}명을 뽑았으므로 {seat}번 자리는 채워지지 않았습니다.",
    "place_never_there": "{run}: {date}에 {place:은/는} 아무도 재교육 과정에 보내지 않았습니다.",
    "visa_never_there": "{run}: {date}에 {n}명이 입국했으므로 {seat}번 자리는 채워지지 않았습니다.",
    "seat_kinds_differ": "같은 자리가 {one}에서는 {one_kind}, {other}에서는 {other_kind}입니다.",
    "deed_dropped_out": "과정을 그만둘",
    "deed_practicum": "현장실습 자리를 얻을",
    "deed_laid_off": "해고될",
    "deed_separated": "일자리가 끝날",
    "deed_retired": "은퇴할",
    "deed_emigrated": "해외로 떠날",
    "deed_returned": "귀국할",
    "deed_left_for_other_sector": "다른 산업으로 옮길",
    "deed_came_back": "이 분야로 돌아올",
    # why somebody is worth a look
    "why_most-changed": "{other:과/와} 가장 많이 달라진 사람: {months}개월 동안 다른 상태에 있었습니다",
    "why_emigrated-graduate": "사업 정원 졸업자로 {date}에 해외로 떠났습니다",
    "why_founder": "{date}에 {place:을/를} 세웠습니다",
    "why_retained": "사업 정원 졸업자로 {months}개월째 이 분야에서 일하고 있습니다",
    "why_returner": "해외로 떠났다가 {date}에 귀국했습니다",
    "why_longest-search": "가장 오래, {months}개월 동안 쉬지 않고 일자리를 찾았습니다",
    "why_highest-rise": "{date}에 보수가 {pay_before}에서 {pay:으로/로} 가장 크게 올랐습니다",
    "why_retrained-clinician": "재교육을 받은 의료인으로 {date}에 {place}에 채용되었습니다",
}
