# ruff: noqa: E501 - believable sentences are as long as they are
"""What people in the demo world write: all of it invented, most of it Chinese, some English."""

from dataclasses import dataclass

from creators.models import ContentFormat

POST, LIST, VIDEO, LIVE = (
    ContentFormat.POST,
    ContentFormat.LIST,
    ContentFormat.VIDEO,
    ContentFormat.LIVE,
)


@dataclass(frozen=True)
class BriefText:
    """A theme (at most 60 characters) and its requirements (at most 200)."""

    theme: str
    requirements: str
    content_format: str


@dataclass(frozen=True)
class DomainTexts:
    """What is said in one domain. `{name}` is the creator's short name."""

    nicknames: tuple[str, ...]
    english_nicknames: tuple[str, ...]
    introductions: tuple[str, ...]
    english_introduction: str
    works: tuple[str, ...]
    briefs: tuple[BriefText, ...]
    products: tuple[str, ...]


DOMAINS: dict[str, DomainTexts] = {
    "APPAREL": DomainTexts(
        nicknames=(
            "{name}的衣橱",
            "{name}穿搭笔记",
            "{name}今天穿什么",
            "小个子{name}",
            "{name}爱通勤",
            "{name}古着店",
        ),
        english_nicknames=("{name} Wears", "Closet of {name}", "{name} Street Style"),
        introductions=(
            "身高 158，分享小个子也能穿出比例的日常通勤穿搭，每套都标尺码和真实上身感受。",
            "做了六年服装买手，会看面料、看版型、看走线。只推荐自己留下来反复穿的衣服。",
            "微胖女生的四季衣橱，不追爆款，喜欢讲一件衣服怎么搭出三种样子。",
            "新中式与棉麻爱好者，住在杭州，照片都在家门口的巷子里拍。",
        ),
        english_introduction="Everyday outfits for busy people: honest sizing, natural light, three ways to wear each piece.",
        works=(
            "158 小个子的秋冬通勤五套",
            "一条直筒裤搭满一周",
            "羊毛大衣怎么挑：面料标签看这三行",
            "白衬衫的六种穿法",
            "梨形身材显瘦半裙测评",
            "新中式外套日常怎么穿",
            "基础款 T 恤横评：洗十次之后",
        ),
        briefs=(
            BriefText(
                "秋冬羊毛大衣上身测评",
                "请实穿三天后发布图文，拍出正面、侧面和袖口细节各一张，写明身高体重与所穿尺码。重点讲面料触感和保暖程度，不要使用“最”“第一”等绝对化用语。",
                POST,
            ),
            BriefText(
                "通勤直筒裤一周穿搭",
                "用同一条裤子搭配三套以上通勤造型，每套一张全身照。请说明面料是否起球、久坐是否起皱，文末附商品链接，并标注“广告”。",
                LIST,
            ),
            BriefText(
                "新中式外套短视频",
                "60 秒以内竖版视频，前 5 秒出现成衣全身效果，讲清楚日常怎么搭不显隆重。请在自然光下拍摄，不加重滤镜，口播提到尺码建议。",
                VIDEO,
            ),
            BriefText(
                "防晒衣户外实测",
                "户外走动一小时后记录体感，写清防晒指数来源、透气程度和收纳大小，至少四张实拍图。请如实说明不足之处。",
                POST,
            ),
            BriefText(
                "童趣卫衣亲子穿搭清单",
                "清单形式介绍五件单品，每件一句话理由和一张图，价格以商品页为准。避免出现儿童正脸特写，标注“广告”。",
                LIST,
            ),
        ),
        products=("羊毛双面呢大衣", "高腰直筒裤", "盘扣新中式外套", "轻薄防晒衣"),
    ),
    "BEAUTY": DomainTexts(
        nicknames=(
            "{name}的美妆实验室",
            "{name}护肤日记",
            "敏感肌{name}",
            "{name}爱空瓶",
            "成分党{name}",
            "{name}化妆间",
        ),
        english_nicknames=("{name} Glow", "Skin Notes by {name}", "{name} Makeup Room"),
        introductions=(
            "混油敏感肌，空瓶才写。每篇都附使用周期、季节和同期产品，好用难用都直说。",
            "化学专业毕业，喜欢翻成分表，把复杂的配方讲成大白话。",
            "化妆师一枚，擅长淡颜妆和黄皮配色，教程步骤少，新手跟得上。",
            "三十岁后的护肤记录，抗初老慢慢来，不制造焦虑。",
        ),
        english_introduction="Sensitive skin diary. I finish the bottle before I write, and I show the ingredient list every time.",
        works=(
            "敏感肌换季急救：我空瓶的四样",
            "黄黑皮口红试色十二支",
            "早 C 晚 A 三个月记录",
            "淡颜通勤妆五分钟教程",
            "防晒霜成膜对比：出汗之后",
            "粉底液混油皮八小时实测",
            "洁面怎么选：氨基酸不等于温和",
        ),
        briefs=(
            BriefText(
                "春季新品精华试用",
                "真实试用十四天后写一篇图文，突出质地与肤感，附第 1、7、14 天同光线实拍各一张。不得宣称医疗功效，注明肤质与同期产品。",
                POST,
            ),
            BriefText(
                "混油皮粉底液持妆实测",
                "竖版视频，记录上妆、4 小时、8 小时三个时间点，自然光近景，不磨皮。口播说明所用底妆工具和环境温度，标注“广告”。",
                VIDEO,
            ),
            BriefText(
                "黄皮友好口红清单",
                "选择六支不同色号，素唇与涂后对比，注明是否拔干、是否沾杯。清单首图请留出标题位置。",
                LIST,
            ),
            BriefText(
                "防晒乳出汗成膜测试",
                "图文形式，展示涂抹、成膜、出汗后三个状态，写清用量和补涂时间。禁止与其他品牌贬低式对比。",
                POST,
            ),
            BriefText(
                "护肤套装直播讲解",
                "直播间讲解不少于 15 分钟，完整介绍三件产品的使用顺序与适用肤质，回答观众提问，结束后提供回放链接和数据截图。",
                LIVE,
            ),
        ),
        products=("烟酰胺精华液", "持妆粉底液", "哑光口红六色", "清爽防晒乳"),
    ),
    "FOOD": DomainTexts(
        nicknames=(
            "{name}的小厨房",
            "{name}吃四方",
            "{name}早餐铺",
            "馋猫{name}",
            "{name}烘焙手记",
            "{name}一人食",
        ),
        english_nicknames=("{name} Eats", "{name} in the Kitchen", "Slow Table {name}"),
        introductions=(
            "上班族的快手菜，十五分钟出锅，食材菜场都能买到，步骤配图不跳步。",
            "烘焙八年，家里三台烤箱，喜欢把方子改到少糖少油还好吃。",
            "跟着节气吃东西，爱写食材产地和老人家的做法。",
            "零食测评，自己花钱买，配料表逐行念。",
        ),
        english_introduction="Weeknight cooking in fifteen minutes, with prices of every ingredient and no skipped steps.",
        works=(
            "十五分钟番茄牛腩面",
            "节气吃什么：立冬的羊肉煲",
            "低糖巴斯克蛋糕改良方",
            "办公室零食横评十款",
            "一周早餐不重样",
            "空气炸锅十道懒人菜",
            "手冲咖啡入门器具清单",
        ),
        briefs=(
            BriefText(
                "冷榨山茶油家常菜",
                "用产品做两道家常菜，图文记录用量和油烟情况，拍出开瓶、下锅、成品三个画面。不得宣称治疗、降压等功效。",
                POST,
            ),
            BriefText(
                "年货坚果礼盒开箱",
                "开箱短视频 45 秒以内，展示包装、分量和配料表，真实试吃三种口味并说出最不喜欢的一种。标注“广告”。",
                VIDEO,
            ),
            BriefText(
                "早餐麦片七天打卡清单",
                "连续七天不同搭配，每天一张图和热量估算，最后总结饱腹感。清单标题包含“七天”。",
                LIST,
            ),
            BriefText(
                "挂耳咖啡风味测评",
                "对比三种烘焙度，写清水温、时间和风味，避免照抄商品页文案。至少五张实拍图，文末附链接。",
                POST,
            ),
            BriefText(
                "鲜炖燕窝直播试吃",
                "直播讲解不少于 10 分钟，说明保质期、储存方式和食用人群，不做功效承诺，结束后提交回放链接。",
                LIVE,
            ),
        ),
        products=("冷榨山茶油", "坚果礼盒", "烘焙燕麦片", "挂耳咖啡"),
    ),
    "MOTHER_BABY": DomainTexts(
        nicknames=(
            "{name}妈妈笔记",
            "{name}和小豆丁",
            "二胎妈{name}",
            "{name}辅食记",
            "{name}带娃中",
            "{name}的绘本角",
        ),
        english_nicknames=("Mama {name}", "{name} and the Twins", "Little Steps {name}"),
        introductions=(
            "两个男孩的妈妈，做过儿科护士。推荐之前自家孩子先用一个月。",
            "辅食从六个月记到三岁，过敏怎么排查、怎么加量都写得很细。",
            "绘本与早教爱好者，每周一本共读记录。",
            "新手爸爸视角的带娃装备测评，讲实话，也讲价格。",
        ),
        english_introduction="Former paediatric nurse, mother of two. Gear is used for a month at home before I say a word about it.",
        works=(
            "六月龄第一口辅食怎么加",
            "安全座椅安装十个坑",
            "纸尿裤一夜实测五款",
            "睡前绘本二十本书单",
            "双胞胎出门装备清单",
            "宝宝湿疹期穿衣记录",
            "婴儿推车上下楼实拍",
        ),
        briefs=(
            BriefText(
                "婴儿纸尿裤夜用实测",
                "连续三晚使用后写图文，记录更换时间、回渗与红臀情况，拍产品细节，不出现宝宝隐私部位和正脸。标注“广告”。",
                POST,
            ),
            BriefText(
                "儿童安全座椅安装教程",
                "竖版视频演示安装全过程，讲清 ISOFIX 与安全带两种方式，说明适用年龄和身高，时长 90 秒以内。",
                VIDEO,
            ),
            BriefText(
                "睡前绘本书单",
                "清单形式推荐八本绘本，每本写适读年龄、一句理由和一张内页图，避免整页扫描。",
                LIST,
            ),
            BriefText(
                "辅食机一周使用记录",
                "图文记录一周菜单、清洗难度和噪音，写清机器不擅长的食材。至少六张实拍。",
                POST,
            ),
        ),
        products=("夜用纸尿裤", "增高安全座椅", "睡前绘本套装", "蒸煮辅食机"),
    ),
    "DIGITAL": DomainTexts(
        nicknames=(
            "{name}说数码",
            "{name}拆给你看",
            "{name}桌面计划",
            "理工{name}",
            "{name}耳机铺",
            "{name}的工作台",
        ),
        english_nicknames=("{name} Tech Desk", "Bench {name}", "{name} on Gadgets"),
        introductions=(
            "硬件工程师，业余写测评。有仪器、有数据、有原始截图。",
            "桌面改造爱好者，理线强迫症，喜欢把小空间变得好用。",
            "耳机发烧十年，从平价到旗舰，只讲听感和佩戴。",
            "不堆参数，讲普通人三个月用下来会不会后悔。",
        ),
        english_introduction="Hardware engineer by day. Measurements, raw data, and what annoyed me after three months.",
        works=(
            "百元蓝牙耳机横评六款",
            "氮化镓充电头温度实测",
            "一平米桌面改造全过程",
            "机械键盘轴体入门",
            "投影仪白天能不能看",
            "移动电源容量虚标测试",
            "智能手表睡眠数据准不准",
        ),
        briefs=(
            BriefText(
                "氮化镓充电器温度测试",
                "图文测评，室温 25 度满载 30 分钟记录温度曲线，附仪器照片和原始数据截图，说明同时充两台设备时的功率分配。",
                POST,
            ),
            BriefText(
                "降噪耳机地铁实测",
                "竖版视频，在地铁与办公室各录一段降噪前后对比，说明佩戴两小时感受，不使用绝对化用语。",
                VIDEO,
            ),
            BriefText(
                "学生桌面好物清单",
                "选择六件桌面数码产品，预算总计 1500 元以内，每件写优缺点各一条，附整体实拍图。",
                LIST,
            ),
            BriefText(
                "智能手表 30 天体验",
                "使用满 30 天后发布，讲续航、睡眠与运动数据的准确度，附 App 截图，注明手机型号。标注“广告”。",
                POST,
            ),
            BriefText(
                "Mechanical keyboard long-term review",
                "Write a post after four weeks of daily use. Show the switches, the sound test method and two things you would change. Mark it as an advertisement.",
                POST,
            ),
        ),
        products=("65W 氮化镓充电器", "头戴降噪耳机", "智能手表", "三模机械键盘"),
    ),
    "HOME": DomainTexts(
        nicknames=(
            "{name}的小家",
            "{name}收纳课",
            "{name}去露营",
            "{name}装修记",
            "{name}种花中",
            "山野{name}",
        ),
        english_nicknames=("{name} Outdoors", "At Home with {name}", "Campfire {name}"),
        introductions=(
            "五十平小家住四口人，收纳全靠设计。分享改造前后和真实花费。",
            "周末露营人，帐篷搭过一百多次，风里雨里都试过。",
            "自己盯完整个装修，水电、瓷砖、柜体踩过的坑都写下来了。",
            "阳台种了六十多种植物，讲浇水、讲土、讲为什么又死了一盆。",
        ),
        english_introduction="Small flats, big gardens and a tent: what lasts outdoors and what earns its place at home.",
        works=(
            "五十平四口之家的收纳",
            "冬季露营装备清单",
            "厨房台面三种材质三年后",
            "阳台种番茄从苗到果",
            "扫地机器人养猫家庭实测",
            "一个人的单车露营",
            "老房卫生间翻新花了多少钱",
        ),
        briefs=(
            BriefText(
                "双人露营帐篷防雨测试",
                "户外过夜一晚，图文记录搭建时间、防雨与通风，拍收纳、搭建、内部三组图。天气情况请如实写明。",
                POST,
            ),
            BriefText(
                "小户型收纳柜改造",
                "改造前后同角度对比，写清尺寸、安装难度与总花费，至少六张图。文末附商品链接，标注“广告”。",
                POST,
            ),
            BriefText(
                "扫地机器人养宠家庭实测",
                "视频 90 秒以内，展示毛发缠绕、避障和集尘三个场景，口播说明地面材质与房屋面积。",
                VIDEO,
            ),
            BriefText(
                "阳台园艺入门清单",
                "清单推荐八件新手工具或资材，每件一句用途说明，避免推荐需要专业资质的农药。",
                LIST,
            ),
        ),
        products=("双人防雨帐篷", "抽拉收纳柜", "自集尘扫地机", "阳台种植套装"),
    ),
    "CARS": DomainTexts(
        nicknames=(
            "{name}聊车",
            "{name}开电车",
            "{name}自驾中国",
            "老司机{name}",
            "{name}的车库",
            "{name}养车记",
        ),
        english_nicknames=("{name} Drives", "Garage {name}", "{name} Charging Stop"),
        introductions=(
            "开了十二年车，换过四台。讲保养、讲保险，也讲二手车怎么看。",
            "纯电车主，两年八万公里，冬天续航、长途充电都有记录。",
            "自驾走过二十三个省，装备清单和路线都公开。",
            "汽修店第二代，拆给你看该不该换。",
        ),
        english_introduction="Eighty thousand electric kilometres in two years, every charging stop written down.",
        works=(
            "纯电冬季续航打几折",
            "车载冰箱自驾七天实测",
            "第一次年检流程全记录",
            "川西自驾装备清单",
            "行车记录仪夜间画质对比",
            "玻璃水冬天别乱加",
            "儿童座椅区怎么布置",
        ),
        briefs=(
            BriefText(
                "行车记录仪夜间画质实测",
                "图文或视频截图对比白天、夜间与逆光三个场景，附车牌识别距离，隐去他人车牌与人脸。标注“广告”。",
                POST,
            ),
            BriefText(
                "车载冰箱自驾体验",
                "自驾两天以上，记录制冷时间、耗电与噪音，拍装载和使用场景，说明车型与供电方式。",
                POST,
            ),
            BriefText(
                "车载吸尘器三分钟演示",
                "竖版视频 60 秒，展示座椅缝隙、脚垫、后备箱三处清洁前后，写明充电一次可用多久。",
                VIDEO,
            ),
            BriefText(
                "自驾应急装备清单",
                "清单推荐八件，每件说明放在车里哪个位置、多久检查一次，附整体收纳照片。",
                LIST,
            ),
        ),
        products=("4K 行车记录仪", "压缩机车载冰箱", "无线车载吸尘器", "应急启动电源"),
    ),
}

# Audiences: how many of a hundred are women (from, to), and the weights of the age bands.

WOMEN = {
    "APPAREL": (58, 88),
    "BEAUTY": (80, 95),
    "FOOD": (48, 70),
    "MOTHER_BABY": (74, 92),
    "DIGITAL": (14, 36),
    "HOME": (46, 72),
    "CARS": (10, 30),
}
AGE_WEIGHTS = {
    "APPAREL": (6, 34, 38, 14, 6, 2),
    "BEAUTY": (8, 38, 36, 12, 4, 2),
    "FOOD": (4, 24, 34, 20, 11, 7),
    "MOTHER_BABY": (1, 12, 54, 25, 5, 3),
    "DIGITAL": (8, 36, 33, 15, 6, 2),
    "HOME": (2, 16, 36, 25, 14, 7),
    "CARS": (2, 14, 36, 29, 13, 6),
}
REGIONS = ("GD", "ZJ", "JS", "SH", "BJ", "SC", "SD", "HB", "FJ", "HN", "HA", "CQ", "SN", "AH")

# People

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金"
GIVEN_NAMES = (
    "雨桐", "梓涵", "思远", "佳怡", "浩然", "晓敏", "志强", "欣悦", "子墨", "婉清", "俊杰", "若曦", "明轩", "诗雅", "建华",
    "慧敏", "天佑", "静怡", "宇航", "雪莹", "文博", "丽娜", "承泽", "梦洁", "嘉豪", "语嫣", "国栋", "芷若", "振宇", "秀兰",
    "鹏飞", "海燕", "一诺", "书瑶", "泽宇", "沐阳", "清扬", "可欣", "立群", "春晓",
)  # fmt: skip
SHORT_NAMES = (
    "阿梨", "小满", "鹿鹿", "南乔", "七月", "栗子", "木木", "小鱼", "可可", "豆豆", "橘子", "阿宁", "晚晚", "团子", "知夏", "阿泽",
    "大宇", "米粒", "青禾", "阿楠", "朵朵", "陈皮", "小北", "芒果", "林间", "一凡", "阿哲", "糯米", "石头", "果果", "三三", "奶酪",
    "阿岚", "云朵", "小雅", "春山", "阿布", "薄荷", "年年", "小周", "乔乔", "安安",
)  # fmt: skip
ENGLISH_NAMES = (
    "Mia", "Luna", "Vivian", "Kevin", "Grace", "Leo", "Chloe", "Eric", "Ivy", "Jasper", "Nora", "Felix", "Cindy", "Oscar",
    "Momo", "Ruby", "Theo", "Yuki", "Dora", "Hank",
)  # fmt: skip
CITIES = (
    ("浙江省杭州市余杭区", "文一西路"), ("上海市徐汇区", "漕溪北路"), ("北京市朝阳区", "望京西路"), ("广东省广州市天河区", "体育东路"),
    ("四川省成都市武侯区", "天府大道"), ("江苏省苏州市工业园区", "星湖街"), ("湖北省武汉市洪山区", "珞喻路"),
    ("陕西省西安市雁塔区", "科技二路"), ("福建省厦门市思明区", "环岛路"), ("湖南省长沙市岳麓区", "麓谷大道"),
    ("山东省青岛市市南区", "香港中路"), ("重庆市渝北区", "金开大道"),
)  # fmt: skip


@dataclass(frozen=True)
class Company:
    """A merchant's company (invented), its shop, what it sells and under which latin name."""

    company: str
    shop: str
    slug: str
    domain: str
    marketplace: str = "TMALL"


COMPANIES = (
    Company("上海素颜记化妆品有限公司", "素颜记官方旗舰店", "suyanji", "BEAUTY"),
    Company("杭州晨光织物有限公司", "晨光织物旗舰店", "chenguang", "APPAREL"),
    Company("成都麦田里食品有限公司", "麦田里食品旗舰店", "maitianli", "FOOD"),
    Company("苏州小豆芽母婴用品有限公司", "小豆芽母婴旗舰店", "xiaodouya", "MOTHER_BABY"),
    Company("深圳极点数码科技有限公司", "极点数码旗舰店", "jidian", "DIGITAL"),
    Company("宁波山海户外用品有限公司", "山海户外旗舰店", "shanhai", "HOME"),
    Company("重庆行迹汽车用品有限公司", "行迹车品旗舰店", "xingji", "CARS"),
    Company("广州云裳服饰有限公司", "云裳女装", "yunshang", "APPAREL", "TAOBAO"),
    Company("杭州花间集生物科技有限公司", "花间集护肤旗舰店", "huajianji", "BEAUTY"),
    Company("武汉江边人家食品有限公司", "江边人家特产店", "jiangbian", "FOOD", "TAOBAO"),
    Company(
        "Northfield Outdoor Trading (Shanghai) Co., Ltd.",
        "Northfield Outdoor",
        "northfield",
        "HOME",
    ),
    Company("厦门海风服饰有限公司", "海风男装旗舰店", "haifeng", "APPAREL"),
    Company("北京理想桌面科技有限公司", "理想桌面", "lixiang", "DIGITAL", "TAOBAO"),
    Company("长沙甜心烘焙食品有限公司", "甜心烘焙旗舰店", "tianxin", "FOOD"),
    Company("青岛蓝贝儿童用品有限公司", "蓝贝童品", "lanbei", "MOTHER_BABY", "TAOBAO"),
    Company("西安古道汽车装备有限公司", "古道自驾装备店", "gudao", "CARS", "OTHER"),
    Company("Lumi Skincare (Hangzhou) Co., Ltd.", "Lumi Skincare", "lumi", "BEAUTY"),
    Company("佛山木里家居有限公司", "木里家居旗舰店", "muli", "HOME"),
    Company("温州步履鞋业有限公司", "步履鞋履", "bulv", "APPAREL", "TAOBAO"),
    Company("昆明高原红咖啡有限公司", "高原红咖啡旗舰店", "gaoyuanhong", "FOOD"),
    Company("东莞声学工坊电子有限公司", "声学工坊", "shengxue", "DIGITAL"),
    Company("南京书香绘本文化有限公司", "书香绘本馆", "shuxiang", "MOTHER_BABY"),
    Company("义乌巧手收纳用品有限公司", "巧手收纳", "qiaoshou", "HOME", "TAOBAO"),
    Company("广州彩虹美妆有限公司", "彩虹美妆旗舰店", "caihong", "BEAUTY"),
    Company("合肥电驰汽车电子有限公司", "电驰车载旗舰店", "dianchi", "CARS"),
    Company("绍兴老作坊酱园有限公司", "老作坊酱园", "laozuofang", "FOOD", "OTHER"),
    Company("郑州小脚丫童装有限公司", "小脚丫童装", "xiaojiaoya", "APPAREL"),
    Company("珠海微光智能科技有限公司", "微光智能家居", "weiguang", "DIGITAL"),
    Company("天津暖阳家纺有限公司", "暖阳家纺旗舰店", "nuanyang", "HOME"),
    Company("贵阳山谷茶业有限公司", "山谷茶业", "shangu", "FOOD", "TAOBAO"),
)

# What happens on the way

CAMPAIGN = "品质生活季"
DECLINE_REASONS = (
    "档期已满，这段时间接不了新的图文，抱歉。",
    "产品和我的内容方向差得有点远，粉丝可能不买账，建议换一位更合适的达人。",
    "刚接了同类品牌的合作，三个月内有排他约定。",
    "要求的时间太紧，实测至少需要两周，赶不出真实的内容。",
    "孩子住院，最近没法拍摄，谢谢信任。",
    "价格没有问题，但我不接直播类的任务。",
    "I am travelling until the end of the month and cannot test the product properly.",
)
DELIVERY_NOTES = (
    "已按要求发布，首图和文末链接都在，辛苦验收。",
    "图文已上线，数据截图在图片里，如需微调请告诉我。",
    "视频 58 秒，口播提到了尺码建议，标注了“广告”。",
    "清单已发布，五件单品都有实拍图。",
    "发布后两小时阅读过千，评论区问链接的比较多。",
    "按 Brief 拍了第 1、7、14 天的对比，光线尽量一致。",
    "The post is live, all photos are unedited and the advertisement label is on.",
    "",
)
REDELIVERY_NOTES = (
    "按意见补了两张细节图，链接不变。",
    "已改掉“最好用”的说法，并补上商品链接。",
    "重新录了口播，字幕也校对过了。",
)
DISPUTE_REASONS = (
    "要求三张实拍图，实际只有一张，另外两张是商品页截图。",
    "文中没有标注“广告”，也没有附商品链接，沟通后未修改。",
    "视频总长 2 分 10 秒，远超要求的 60 秒，前 5 秒也没有产品。",
    "内容里两处使用“全网最低”，与要求明确冲突。",
    "链接打开后提示内容已被作者隐藏，无法验收。",
    "The post compares us with a competitor by name, which the brief rules out.",
)
RULING_PAY = "经核对，交付内容满足付款时的要求，商家提出的修改不在要求之内，按约支付达人。"
RULING_REFUND = "交付内容与付款时的要求不符且未在时限内修正，全额退还商家。"
RULING_SPLIT = "主要要求已完成，但缺少约定的实拍图与标注，按完成程度分成支付，其余退还商家。"


@dataclass(frozen=True)
class ReviewText:
    """A verdict with the ratings that go with it."""

    ratings: tuple[int, int, int]
    text: str


REVIEWS = (
    ReviewText((5, 5, 5), "内容质量很高，配图清晰，评论区互动也认真回复了，下次继续合作。"),
    ReviewText((5, 4, 5), "文案真实不夸张，转化比预期好，交付比约定早了一天。"),
    ReviewText((5, 5, 4), "实测数据很详细，粉丝信任度高。"),
    ReviewText((4, 5, 5), "沟通顺畅，提前给看了初稿，图片再明亮一点就更好了。"),
    ReviewText((4, 4, 4), "整体满意，按要求完成，阅读量中规中矩。"),
    ReviewText((4, 3, 5), "内容不错，临近截止才交付，有点紧张。"),
    ReviewText((5, 5, 5), "视频节奏好，前几秒就抓住了重点，已经加入长期合作名单。"),
    ReviewText((3, 4, 3), "完成了基本要求，但卖点讲得比较浅，修改沟通花了些时间。"),
    ReviewText((3, 2, 4), "内容可以，交付拖到最后一天，首图没有留标题位置。"),
    ReviewText((2, 3, 2), "和 Brief 有出入，最后还是改了，但过程比较费劲。"),
    ReviewText(
        (5, 5, 5), "Thoughtful, honest and on time. Our customers quoted the post back to us."
    ),
    ReviewText((4, 5, 4), "Good work; the detail shots could be sharper."),
    ReviewText((5, 4, 4), "达人很专业，对面料的讲解连我们自己都学到了。"),
    ReviewText((5, 5, 5), "第二次合作，一如既往地稳定。"),
)
